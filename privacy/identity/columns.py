"""What a record may say of a person, by the names of the columns. Any may be missing but the two that name the record."""

KEY = ("system", "subject_id")
PERSONAL = (
    "first_name",
    "last_name",
    "birth_date",
    "gender",
    "email",
    "phone",
    "street",
    "house_number",
    "postcode",
    "city",
    "country",
    "national_id",
)
# Not of use in matching; the golden record is chosen among them, or by them.
OTHER = ("loyalty_tier", "consent", "is_verified", "updated_at")
