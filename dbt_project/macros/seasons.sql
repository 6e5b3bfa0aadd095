{# Weekdays stay where they are. #}
{% macro year_days() %}364{% endmacro %}

{#
    How much busier than usual the days from `first` up to `last` were a year ago, as_of_date being day 0: the mean of them and of a week on
    each side, against that of the year around them, in which growth cancels out. Of days that sold anything, so that a gap in the history is
    no quiet season; what is seen in few orders leans on 1, as if fifty of a usual time came first. To be grouped by as_of_date, over days
    with `day_number` 0 on the as_of_date of a year ago. 1 where the history does not hold the year around the 56 days before as well.
#}
{% macro season(amount, first, last) -%}
    {%- set half_year = year_days() | int // 2 -%}
    {%- set middle = (first + last) // 2 -%}
    {%- set is_near = "day_number >= " ~ (first - 7) ~ " and day_number < " ~ (last + 7) -%}
    {%- set is_around = "day_number >= " ~ (middle - half_year) ~ " and day_number < " ~ (middle + half_year) -%}
    {%- set orders = "sum(case when " ~ is_near ~ " then count_orders end)" -%}
    cast(coalesce(case
        when min(first_day_number) <= {{ -28 - half_year }}
            then 1e0 + (
                avg(case when {{ is_near }} then {{ amount }} end) / nullif(avg(case when {{ is_around }} then {{ amount }} end), 0) - 1e0
            ) * {{ orders }} / ({{ orders }} + 50)
    end, 1) as float)
{%- endmacro %}
