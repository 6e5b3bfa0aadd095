{# Weekdays stay where they are. #}
{% macro year_days() %}364{% endmacro %}

{#
    How much busier than usual the coming `ahead` days were a year ago: the mean of them and of a week on each side, against that of the year
    around them, in which growth cancels out; 1 where the history does not hold that year. Of days that sold anything, so that a gap in the
    history is no quiet season. To be grouped by as_of_date, over days with `day_number` 0 on the as_of_date of a year ago. What is seen in few
    orders leans on 1, as if fifty of a usual time came first.
#}
{% macro season(amount, ahead) -%}
    {%- set from_day = ahead // 2 - year_days() | int // 2 -%}
    {%- set is_near = "day_number >= -7 and day_number < " ~ (ahead + 7) -%}
    {%- set is_around = "day_number >= " ~ from_day ~ " and day_number < " ~ (from_day + year_days() | int) -%}
    {%- set orders = "sum(case when " ~ is_near ~ " then count_orders end)" -%}
    cast(coalesce(case
        when min(first_day_number) <= {{ from_day }}
            then 1e0 + (
                avg(case when {{ is_near }} then {{ amount }} end) / nullif(avg(case when {{ is_around }} then {{ amount }} end), 0) - 1e0
            ) * {{ orders }} / ({{ orders }} + 50)
    end, 1) as float)
{%- endmacro %}
