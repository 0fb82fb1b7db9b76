package events

// root is what the topics of events begin with; but for those of clients, they end
// with what has happened, the operation. spec: device-api.md#11-events
const root = "$aws/events/"

// JobTopic is where an event of a job is announced.
func JobTopic(job, operation string) string { return root + "job/" + job + "/" + operation }

// ExecutionTopic is where an event of an execution of a job is announced.
func ExecutionTopic(job, operation string) string {
	return root + "jobExecution/" + job + "/" + operation
}

// ThingTopic is where an event of a thing is announced.
func ThingTopic(thing, operation string) string { return root + "thing/" + thing + "/" + operation }

// TypeTopic is where an event of a thing type is announced.
func TypeTopic(thingType, operation string) string {
	return root + "thingType/" + thingType + "/" + operation
}

// AssociationTopic is where it is announced that a thing got a type, or lost it.
func AssociationTopic(thing, thingType, operation string) string {
	return root + "thingTypeAssociation/thing/" + thing + "/thingType/" + thingType + "/" + operation
}

// GroupTopic is where an event of a thing group is announced.
func GroupTopic(group, operation string) string {
	return root + "thingGroup/" + group + "/" + operation
}

// HierarchyTopic is where it is announced that a group came below another, or
// left it.
func HierarchyTopic(parent, child, operation string) string {
	return root + "thingGroupHierarchy/thingGroup/" + parent + "/childThingGroup/" + child + "/" + operation
}

// MembershipTopic is where it is announced that a thing joined a group, or left
// it.
func MembershipTopic(group, thing, operation string) string {
	return root + "thingGroupMembership/thingGroup/" + group + "/thing/" + thing + "/" + operation
}

// ClientTopic is where it is announced what a client does, one of [Connected],
// [Disconnected], [Subscribed] and [Unsubscribed].
// spec: device-api.md#113-presence-and-subscription-events-always-on
func ClientTopic(does, client string) string {
	if does == Subscribed || does == Unsubscribed {
		return root + "subscriptions/" + does + "/" + client
	}
	return root + "presence/" + does + "/" + client
}
