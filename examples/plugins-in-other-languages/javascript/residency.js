// A filter that keeps an object in one region: it refuses every cluster whose /spec/region is another.

import { column } from 'portolan:policy/fleet@0.1.0';

const CONFIG_SCHEMA = {
  type: 'object',
  properties: { region: { type: 'string', minLength: 1 } },
  required: ['region'],
  additionalProperties: false,
};

export const info = {
  describe() {
    return {
      name: 'residency',
      version: '0.1.0',
      summary: 'Keeps an object in one region.',
      configSchema: JSON.stringify(CONFIG_SCHEMA),
      kinds: [],
    };
  },
};

export const filter = {
  filter(config) {
    try {
      return refusals(JSON.parse(config).region);
    } catch (error) {
      // An exception that leaves here is a trap without a word; a fault carries the text to whoever reads the report.
      throw { tag: 'internal', val: String(error) };
    }
  },
};

// One refusal for each region that is not the wanted one. A cluster is spoken of by its place, which is its index here.
function refusals(region) {
  // One question for all clusters: asking about each one costs five times as much.
  const regions = JSON.parse(column('/spec/region'));
  const elsewhere = new Map();
  regions.forEach((there, cluster) => {
    if (there === region) return;
    const clusters = elsewhere.get(there) ?? [];
    elsewhere.set(there, clusters);
    clusters.push(cluster);
  });
  return Array.from(elsewhere, ([there, clusters]) => ({
    reason: `in ${there ?? 'no known region'}, not in ${region}`,
    clusters,
  }));
}
