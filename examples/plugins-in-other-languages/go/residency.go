// Residency keeps an object in one region: it refuses every cluster whose /spec/region is another.
package main

import (
	"encoding/json"
	"fmt"
)

const configSchema = `{
	"type": "object",
	"properties": {"region": {"type": "string", "minLength": 1}},
	"required": ["region"],
	"additionalProperties": false
}`

var manifest = Manifest{
	Name:         "residency",
	Version:      "0.1.0",
	Summary:      "Keeps an object in one region.",
	ConfigSchema: configSchema,
}

// filter gives one refusal for each region that is not the wanted one. A cluster is spoken of by its place, its index
// here. What it returns as an error becomes a fault whose text people read.
func filter(config string, fleet Fleet) ([]Refusal, error) {
	var wanted struct{ Region string }
	if err := json.Unmarshal([]byte(config), &wanted); err != nil {
		return nil, err
	}
	// One question for all clusters.
	var regions []*string
	if err := json.Unmarshal([]byte(fleet.Column("/spec/region")), &regions); err != nil {
		return nil, err
	}
	var refusals []Refusal
	places := map[string]int{}
	for cluster, region := range regions {
		there := "no known region"
		if region != nil {
			there = *region
		}
		if region != nil && there == wanted.Region {
			continue
		}
		place, known := places[there]
		if !known {
			place = len(refusals)
			places[there] = place
			reason := fmt.Sprintf("in %s, not in %s", there, wanted.Region)
			refusals = append(refusals, Refusal{Reason: reason})
		}
		refusals[place].Clusters = append(refusals[place].Clusters, uint32(cluster))
	}
	return refusals, nil
}

// It is never called: a component has exports instead.
func main() {}
