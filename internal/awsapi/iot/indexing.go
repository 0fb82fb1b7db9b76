package iot

import (
	"slices"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/fleet/query"
)

// The modes of an index, and the types of its fields.
const (
	modeOff               = "OFF"
	modeOn                = "ON"
	modeRegistry          = "REGISTRY"
	modeRegistryAndShadow = "REGISTRY_AND_SHADOW"
	modeStatus            = "STATUS"
	modeViolations        = "VIOLATIONS"

	typeNumber  = "Number"
	typeString  = "String"
	typeBoolean = "Boolean"
)

// GetIndexingConfiguration asks what the index holds.
var GetIndexingConfiguration = awsapi.MustLookup(awsapi.IoT, "GetIndexingConfiguration")

// GetIndexingConfigurationRequest takes nothing.
type GetIndexingConfigurationRequest struct{}

// Shape implements awsapi.Shaped.
func (GetIndexingConfigurationRequest) Shape() awsapi.Shape { return awsapi.Shape{} }

// GetIndexingConfigurationAnswer is what the index holds.
type GetIndexingConfigurationAnswer struct {
	Things ThingIndexingConfiguration      `json:"thingIndexingConfiguration"`
	Groups ThingGroupIndexingConfiguration `json:"thingGroupIndexingConfiguration"`
}

// UpdateIndexingConfiguration has the index hold something else.
var UpdateIndexingConfiguration = awsapi.MustLookup(awsapi.IoT, "UpdateIndexingConfiguration")

// UpdateIndexingConfigurationRequest is what UpdateIndexingConfiguration takes.
type UpdateIndexingConfigurationRequest struct {
	Things *ThingIndexingConfiguration      `json:"thingIndexingConfiguration,omitempty"`
	Groups *ThingGroupIndexingConfiguration `json:"thingGroupIndexingConfiguration,omitempty"`
}

// Shape implements awsapi.Shaped.
func (UpdateIndexingConfigurationRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "thingIndexingConfiguration"}, {Name: "thingGroupIndexingConfiguration"}}
}

// ThingIndexingConfiguration is what the index holds of things.
// spec: api-shapes.md#thingindexingconfiguration
type ThingIndexingConfiguration struct {
	Mode          string          `json:"thingIndexingMode"`
	Connectivity  string          `json:"thingConnectivityIndexingMode,omitempty"` // empty: OFF
	Defender      string          `json:"deviceDefenderIndexingMode,omitempty"`    // empty: OFF
	NamedShadows  string          `json:"namedShadowIndexingMode,omitempty"`       // empty: OFF
	ManagedFields []Field         `json:"managedFields,omitempty"`
	CustomFields  []Field         `json:"customFields,omitempty"`
	Filter        *IndexingFilter `json:"filter,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ThingIndexingConfiguration) Shape() awsapi.Shape {
	onOff := awsapi.Rule{Enum: []string{modeOff, modeOn}}
	return awsapi.Shape{
		{Name: "thingIndexingMode", Required: true, Rule: awsapi.Rule{Enum: []string{modeOff, modeRegistry, modeRegistryAndShadow}}},
		{Name: "thingConnectivityIndexingMode", Rule: awsapi.Rule{Enum: []string{modeOff, modeStatus}}},
		{Name: "deviceDefenderIndexingMode", Rule: awsapi.Rule{Enum: []string{modeOff, modeViolations}}},
		{Name: "namedShadowIndexingMode", Rule: onOff},
		{Name: "managedFields"},
		{Name: "customFields", Rule: awsapi.Rule{List: awsapi.Span{Max: maxCustomFields}}},
		{Name: "filter"},
	}
}

// maxCustomFields bounds what the operators of a node may say of types.
const maxCustomFields = 1000

// Field is a field of the index with its type. spec: api-shapes.md#field
type Field struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Shape implements awsapi.Shaped.
func (Field) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "name", Rule: awsapi.Rule{Length: awsapi.Span{Max: query.MaxField}}},
		{Name: "type", Rule: awsapi.Rule{Enum: []string{typeNumber, typeString, typeBoolean}}},
	}
}

// IndexingFilter names the shadows that the index holds.
// spec: api-shapes.md#indexingfilter
type IndexingFilter struct {
	NamedShadowNames []string `json:"namedShadowNames,omitempty"`
}

// Shape implements awsapi.Shaped.
func (IndexingFilter) Shape() awsapi.Shape {
	shadow := awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}, Pattern: awsapi.ShadowNamePattern}
	return awsapi.Shape{
		{Name: "namedShadowNames", Rule: awsapi.Rule{List: awsapi.Span{Max: maxNamedShadows}, Item: &shadow}},
		{Name: "geoLocations", NotBuilt: true},
	}
}

// maxNamedShadows is how many named shadows of a thing the index may hold.
const maxNamedShadows = 100

// ThingGroupIndexingConfiguration is what an index of groups would hold.
// spec: api-shapes.md#thinggroupindexingconfiguration
type ThingGroupIndexingConfiguration struct {
	Mode string `json:"thingGroupIndexingMode"`
}

// Shape implements awsapi.Shaped.
func (ThingGroupIndexingConfiguration) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "thingGroupIndexingMode", Required: true, Rule: awsapi.Rule{Enum: []string{modeOff, modeOn}}},
		{Name: "managedFields", NotBuilt: true},
		{Name: "customFields", NotBuilt: true},
	}
}

// Indexing is what the request has the index hold; ok is false if it says
// nothing of things. What is not built is refused by name.
func (r UpdateIndexingConfigurationRequest) Indexing() (i query.Indexing, ok bool, err error) {
	if r.Groups != nil && r.Groups.Mode == modeOn {
		return i, false, notSupported(modeOn, "thingGroupIndexingConfiguration.thingGroupIndexingMode")
	}
	if r.Things == nil {
		return i, false, nil
	}
	i, err = r.Things.domain()
	return i, true, err
}

func notSupported(value, path string) error {
	return fault.New(fault.InvalidRequest, "Value '%s' at '%s' is not supported by this server", value, path)
}

func (c ThingIndexingConfiguration) domain() (query.Indexing, error) {
	i := query.Indexing{
		Registry: c.Mode != modeOff, Classic: c.Mode == modeRegistryAndShadow,
		Named: c.NamedShadows == modeOn, Connectivity: c.Connectivity == modeStatus,
	}
	if c.Defender == modeViolations {
		return i, notSupported(modeViolations, "thingIndexingConfiguration.deviceDefenderIndexingMode")
	}
	if c.Filter != nil {
		i.Shadows = c.Filter.NamedShadowNames
	}
	for _, f := range c.CustomFields {
		i.Custom = append(i.Custom, query.TypedField{Name: f.Name, Type: f.domain()})
	}
	managed := fieldsOf(i.Managed())
	for _, f := range c.ManagedFields {
		if !slices.Contains(managed, f) {
			return i, fault.New(fault.InvalidRequest, "Value '%.80s' at 'managedFields' is not a managed field of that type in this mode", f.Name)
		}
	}
	return i, nil
}

// domain is the type of a field; text, if none is given.
func (f Field) domain() query.FieldType {
	switch f.Type {
	case typeNumber:
		return query.NumberField
	case typeBoolean:
		return query.BooleanField
	default:
		return query.TextField
	}
}

func fieldsOf(list []query.TypedField) []Field {
	var fields []Field
	for _, f := range list {
		name := map[query.FieldType]string{query.NumberField: typeNumber, query.BooleanField: typeBoolean, query.TextField: typeString}[f.Type]
		fields = append(fields, Field{Name: f.Name, Type: name})
	}
	return fields
}

// IndexingOf is what the index holds as GetIndexingConfiguration shows it.
func IndexingOf(i query.Indexing) *GetIndexingConfigurationAnswer {
	c := ThingIndexingConfiguration{
		Mode: modeOff, Connectivity: modeOff, Defender: modeOff, NamedShadows: modeOff,
		ManagedFields: fieldsOf(i.Managed()), CustomFields: fieldsOf(i.Custom),
	}
	switch {
	case i.Classic:
		c.Mode = modeRegistryAndShadow
	case i.Registry:
		c.Mode = modeRegistry
	}
	if i.Connectivity {
		c.Connectivity = modeStatus
	}
	if i.Named {
		c.NamedShadows = modeOn
	}
	if len(i.Shadows) > 0 {
		c.Filter = &IndexingFilter{NamedShadowNames: i.Shadows}
	}
	return &GetIndexingConfigurationAnswer{Things: c, Groups: ThingGroupIndexingConfiguration{Mode: modeOff}}
}
