"""The built-in dialects by name; documents describe others by what differs from one of these."""

from collections.abc import Mapping
from types import MappingProxyType

from gateway.dialects.dialect import Dialect
from gateway.dialects.keralasmm import KERALASMM
from gateway.dialects.smmbros import SMMBROS
from gateway.dialects.smmia import SMMIA
from gateway.dialects.smmserver import SMMSERVER
from gateway.dialects.standard import STANDARD

BUILT_IN: Mapping[str, Dialect] = MappingProxyType(
    {each.name: each for each in (STANDARD, KERALASMM, SMMSERVER, SMMBROS, SMMIA)}
)
