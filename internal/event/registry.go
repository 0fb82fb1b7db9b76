package event

import (
	"strings"

	"github.com/google/uuid"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/store"
)

// registered is what all events of the registry begin with.
type registered struct {
	head
	AccountID string `json:"accountId"`
}

func (d *Door) registered(e store.Event) registered {
	return registered{
		head:      headOf(e, e.Kind.String()+"_EVENT", e.At.UnixMilli(), strings.ToUpper(e.Operation)),
		AccountID: d.scope.Account,
	}
}

// thingBody is an event of a thing; without a type thingTypeName is null.
// spec: device-api.md#114-registry-events-guide
type thingBody struct {
	registered
	ThingID       string            `json:"thingId"`
	ThingName     string            `json:"thingName"`
	VersionNumber int64             `json:"versionNumber"`
	ThingTypeName *string           `json:"thingTypeName"`
	Attributes    map[string]string `json:"attributes"`
}

func (d *Door) thing(e store.Event) any {
	t := e.Thing
	return thingBody{
		registered: d.registered(e), ThingID: t.UID, ThingName: t.Name, VersionNumber: t.Version,
		ThingTypeName: orNull(t.Type), Attributes: pairs(t.Attributes),
	}
}

// orNull is s, or null if it is empty.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pairs is m, and never null.
func pairs(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// typeBody is an event of a thing type.
type typeBody struct {
	registered
	ThingTypeID          string   `json:"thingTypeId"`
	ThingTypeName        string   `json:"thingTypeName"`
	IsDeprecated         bool     `json:"isDeprecated"`
	DeprecationDate      *int64   `json:"deprecationDate"`
	SearchableAttributes []string `json:"searchableAttributes"`
	Description          string   `json:"description"`
}

func (d *Door) thingType(e store.Event) any {
	y := e.Type
	b := typeBody{
		registered: d.registered(e), ThingTypeID: y.UID, ThingTypeName: y.Name, IsDeprecated: !y.DeprecatedAt.IsZero(),
		SearchableAttributes: append([]string{}, y.Searchable...), Description: y.Description,
	}
	if b.IsDeprecated {
		at := y.DeprecatedAt.UnixMilli()
		b.DeprecationDate = &at
	}
	return b
}

// associationBody tells that a thing got a type, or lost it.
type associationBody struct {
	registered
	ThingID       string `json:"thingId"`
	ThingName     string `json:"thingName"`
	ThingTypeName string `json:"thingTypeName"`
}

func (d *Door) association(e store.Event) any {
	return associationBody{registered: d.registered(e), ThingID: e.Thing.UID, ThingName: e.Thing.Name, ThingTypeName: e.Type.Name}
}

// groupBody is an event of a thing group.
type groupBody struct {
	registered
	ThingGroupID            string            `json:"thingGroupId"`
	ThingGroupName          string            `json:"thingGroupName"`
	VersionNumber           int64             `json:"versionNumber"`
	ParentGroupName         *string           `json:"parentGroupName"`
	ParentGroupID           *string           `json:"parentGroupId"`
	Description             string            `json:"description"`
	RootToParentThingGroups []groupName       `json:"rootToParentThingGroups"`
	Attributes              map[string]string `json:"attributes"`
}

type groupName struct {
	GroupARN string `json:"groupArn"`
	GroupID  string `json:"groupId"`
}

func (d *Door) group(e store.Event) any {
	g := e.Group
	b := groupBody{
		registered: d.registered(e), ThingGroupID: g.UID, ThingGroupName: g.Name, VersionNumber: g.Version,
		Description: g.Description, RootToParentThingGroups: []groupName{}, Attributes: pairs(g.Attributes),
	}
	for _, a := range e.Above {
		b.RootToParentThingGroups = append(b.RootToParentThingGroups, groupName{d.scope.ARN(awsapi.ResourceThingGroup, a.Name), a.UID})
		b.ParentGroupName, b.ParentGroupID = &a.Name, &a.UID
	}
	return b
}

// hierarchyBody tells that a group has a child, or lost it.
type hierarchyBody struct {
	registered
	ThingGroupID   string `json:"thingGroupId"`
	ThingGroupName string `json:"thingGroupName"`
	ChildGroupID   string `json:"childGroupId"`
	ChildGroupName string `json:"childGroupName"`
}

func (d *Door) hierarchy(e store.Event) any {
	parent := e.Above[len(e.Above)-1]
	return hierarchyBody{
		registered: d.registered(e), ThingGroupID: parent.UID, ThingGroupName: parent.Name,
		ChildGroupID: e.Group.UID, ChildGroupName: e.Group.Name,
	}
}

// membershipBody tells that a thing came into a group, or left it.
type membershipBody struct {
	registered
	GroupARN     string `json:"groupArn"`
	GroupID      string `json:"groupId"`
	ThingARN     string `json:"thingArn"`
	ThingID      string `json:"thingId"`
	MembershipID string `json:"membershipId"`
}

// membership is the body of an event of a membership. Its id is made of the ids
// of group and thing, so that both its events have the same.
func (d *Door) membership(e store.Event) any {
	return membershipBody{
		registered: d.registered(e),
		GroupARN:   d.scope.ARN(awsapi.ResourceThingGroup, e.Group.Name), GroupID: e.Group.UID,
		ThingARN: d.scope.ARN(awsapi.ResourceThing, e.Thing.Name), ThingID: e.Thing.UID,
		MembershipID: uuid.NewSHA1(uuid.NameSpaceOID, []byte(e.Group.UID+e.Thing.UID)).String(),
	}
}
