"""The names that the daemon gives to runs without one: always the same for the same run id."""

_FIRST = """
able agile ample awake bold brave brief bright calm clean clear crisp deep eager early even fair fast fine
firm fresh glad grand keen kind lively mellow neat noble proud quick steady
"""
_SECOND = """
arch basin bay brook cairn canal cliff cove delta dune fjord ford gate glen grove harbor hill isle lagoon lake
ledge marsh mesa peak pond reef ridge spring stair terrace valley well
"""
_ADJECTIVES = tuple(_FIRST.split())
_NOUNS = tuple(_SECOND.split())


def run_name_of(run_id: str) -> str:
    """As src/model/run-name.ts has it."""
    first, second, third = (int(run_id[at : at + 4], 16) for at in (0, 4, 8))
    return f"{_ADJECTIVES[first % len(_ADJECTIVES)]}-{_NOUNS[second % len(_NOUNS)]}-{third % 1000}"
