package events

// Registered is what all events of the registry begin with.
type Registered struct {
	Head
	AccountID string `json:"accountId"`
}

// Thing is an event of a thing; without a type thingTypeName is null.
// spec: device-api.md#114-registry-events-guide
type Thing struct {
	Registered
	ThingID       string            `json:"thingId"`
	ThingName     string            `json:"thingName"`
	VersionNumber int64             `json:"versionNumber"`
	ThingTypeName *string           `json:"thingTypeName"`
	Attributes    map[string]string `json:"attributes"`
}

// Type is an event of a thing type.
type Type struct {
	Registered
	ThingTypeID          string   `json:"thingTypeId"`
	ThingTypeName        string   `json:"thingTypeName"`
	IsDeprecated         bool     `json:"isDeprecated"`
	DeprecationDate      *int64   `json:"deprecationDate"`
	SearchableAttributes []string `json:"searchableAttributes"`
	Description          string   `json:"description"`
}

// Association tells that a thing got a type, or lost it.
type Association struct {
	Registered
	ThingID       string `json:"thingId"`
	ThingName     string `json:"thingName"`
	ThingTypeName string `json:"thingTypeName"`
}

// Group is an event of a thing group.
type Group struct {
	Registered
	ThingGroupID            string            `json:"thingGroupId"`
	ThingGroupName          string            `json:"thingGroupName"`
	VersionNumber           int64             `json:"versionNumber"`
	ParentGroupName         *string           `json:"parentGroupName"`
	ParentGroupID           *string           `json:"parentGroupId"`
	Description             string            `json:"description"`
	RootToParentThingGroups []GroupName       `json:"rootToParentThingGroups"`
	Attributes              map[string]string `json:"attributes"`
}

// GroupName names a group above another.
type GroupName struct {
	GroupARN string `json:"groupArn"`
	GroupID  string `json:"groupId"`
}

// Hierarchy tells that a group has a child, or lost it.
type Hierarchy struct {
	Registered
	ThingGroupID   string `json:"thingGroupId"`
	ThingGroupName string `json:"thingGroupName"`
	ChildGroupID   string `json:"childGroupId"`
	ChildGroupName string `json:"childGroupName"`
}

// Membership tells that a thing came into a group, or left it.
type Membership struct {
	Registered
	GroupARN     string `json:"groupArn"`
	GroupID      string `json:"groupId"`
	ThingARN     string `json:"thingArn"`
	ThingID      string `json:"thingId"`
	MembershipID string `json:"membershipId"`
}
