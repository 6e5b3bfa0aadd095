"""What the rooms of the house share: shops, runs, the warehouse, dbt, publishing, the command line."""
