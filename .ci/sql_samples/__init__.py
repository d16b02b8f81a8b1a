"""
What sqlfluff puts where a statement of `sql/` says `{{ … }}`, so that it lints what PostgreSQL will be given.

Every public name of this module is a variable of the templates. A new variable gets its sample here.
"""


class Names(list):
    """Columns, which a template either lists or walks through."""

    def __str__(self) -> str:
        return ", ".join(column["name"] for column in self)


def _columns(*names: str) -> Names:
    return Names({"name": name, "expression": f"upper({name}_text)", "title": f"'{name}'"} for name in names)


def of(columns: Names, alias: str) -> str:
    """Stand in for the filter of `xinyong.database`."""
    return ", ".join(f"{alias}.{column['name']}" for column in columns)


SQLFLUFF_JINJA_FILTERS = {"of": of}

# Tables, views and what else has a name
code = "cf_xdr_shxym"
database = "sample"
desired = [{"title": "'penalty'", "view": "city_penalty"}, {"title": "'licence'", "view": "city_licence"}]
ending_view = "city_penalty_ending"
touched_view = "touched_city_penalty"
event, image, argument, column = "update", "new", "'penalty'", "cf_jdrq"
history = "warehouse.penalty"
as_known = "SELECT known.* FROM warehouse.penalty AS known"
index = "ids_of_enforcement_penalty"
landing = "landing.enforcement_penalty"
links = [{"name": "by_code", "kind": "'uscc'", "value": "staged.cf_xdr_shxym"}]
record_type = "penalty"
record_types = [{"title": "'penalty'", "table": "penalty_current"}, {"title": "'licence'", "table": "licence_current"}]
staged = "quality.staged_penalty"
table = whole = "landing.penalty"
part = "storage.landed_penalty_1"
modulus = remainder = value = "1"
template = "migrated"
told = "updated_at"
view = "city_penalty"

# Columns
cleaned_columns = derived_columns = restated_columns = typed_columns = columns = fields = _columns("cf_wsh", "cf_jdrq")
landed_columns = ["cf_wsh", "cf_jdrq"]

# Expressions
boundaries = [
    {"table": "warehouse.penalty", "column": "cf_jdrq", "months": "12", "days": "0", "is_receipt": False},
    {"table": "publication.first_receipt", "column": "business_date", "months": "36", "days": "1", "is_receipt": True},
]
moves_daily, rule_days = "FALSE", ["DATE '2026-04-01'"]
content = content_text = key_text = natural_key = row_text = "concat_ws('|', 'a', 'b')"
conditions = fits = key_is_complete = says_ended = "(1 = 1)"
feed_name = "'enforcement_penalty'"
ends = "cast(first_receipt.business_date AS date)"
platform_name, record_name = "'city'", "'penalty'"
counted_from = decision_date = hidden_from = repair_from = "current_setting('a.day')::date"
disclosure = document = party = party_name = party_kind = severity = source_at = source_id = "upper('a')"
asked = incremental = of_records = only_restated = only_true = own_period = several_feeds = suspends = True
subject_id = "coalesce(by_code.subject_id, by_code.subject_id)"
token = "'‹sealed:'"

# Whole questions, about rows that the statement calls `staged`
answers = counts = failing = "SELECT row_number FROM staged"
