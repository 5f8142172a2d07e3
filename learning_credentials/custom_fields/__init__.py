"""Provide custom fields: the values that operators define for a type, such as hours, credits or a licence number.

``definitions`` parses what a type defines, ``values`` reads the values, and ``formatting`` writes them for people.
"""

from learning_credentials.custom_fields.definitions import (
    MAX_DEFINITIONS,
    Definition,
    find_definition_problems,
    get_definitions_schema,
    make_placeholder,
    make_sample,
    parse_definitions,
)
from learning_credentials.custom_fields.formatting import format_field
from learning_credentials.custom_fields.kinds import (
    ChoiceDefinition,
    DateDefinition,
    NumberDefinition,
    TextDefinition,
)
from learning_credentials.custom_fields.values import find_value_problems, load_fields, read_values

__all__ = (
    "MAX_DEFINITIONS",
    "ChoiceDefinition",
    "DateDefinition",
    "Definition",
    "NumberDefinition",
    "TextDefinition",
    "find_definition_problems",
    "find_value_problems",
    "format_field",
    "get_definitions_schema",
    "load_fields",
    "make_placeholder",
    "make_sample",
    "parse_definitions",
    "read_values",
)
