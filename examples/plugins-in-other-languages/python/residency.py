"""A filter that keeps an object in one region: it refuses every cluster whose /spec/region is another."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.info import Manifest
from wit_world.imports import fleet
from wit_world.imports.types import Fault_Internal, Refusal

CONFIG_SCHEMA = {
    "type": "object",
    "properties": {"region": {"type": "string", "minLength": 1}},
    "required": ["region"],
    "additionalProperties": False,
}


class Info(exports.Info):
    def describe(self) -> Manifest:
        return Manifest(
            name="residency",
            version="0.1.0",
            summary="Keeps an object in one region.",
            config_schema=json.dumps(CONFIG_SCHEMA),
            kinds=[],
        )


class Filter(exports.Filter):
    def filter(self, config: str) -> list[Refusal]:
        try:
            return refusals(json.loads(config)["region"])
        except Exception as error:
            # An exception that leaves here is a trap without a word; a fault carries the text to whoever reads the
            # report.
            raise Err(Fault_Internal(repr(error))) from error


def refusals(region: str) -> list[Refusal]:
    """One refusal for each region that is not the wanted one. A cluster is spoken of by its place, its index here."""
    # One question for all clusters: asking about each one costs twice as much.
    regions = json.loads(fleet.column("/spec/region"))
    elsewhere: dict[str | None, list[int]] = {}
    for cluster, there in enumerate(regions):
        if there != region:
            elsewhere.setdefault(there, []).append(cluster)
    return [
        Refusal(reason=f"in {there or 'no known region'}, not in {region}", clusters=clusters)
        for there, clusters in elsewhere.items()
    ]
