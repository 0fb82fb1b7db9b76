// Package control is the door of the control plane: the REST operations of
// iot, one file a resource, in one table of routes. A handler turns a request
// that package awsapi has read and checked into a call of the engine, and what
// the engine says into an answer; it decides nothing.
//
// Begin with [Door.Routes]. The package has no goroutines and no state.
package control

import (
	"context"
	"net/http"

	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/awsapi/iot"
	"github.com/drover-iot/drover/internal/engine"
	"github.com/drover-iot/drover/internal/fault"
	"github.com/drover-iot/drover/internal/store"
)

// Config is what a Door is made of.
type Config struct {
	Engine *engine.Engine
	Scope  awsapi.Scope // of all ARNs
	// MaxRolloutRate is the highest rate that a job may ask for, in things a
	// minute; 0 is the protocol's.
	MaxRolloutRate int
	// Served is told of each advance of the clock, after it was answered; nil if
	// nobody asks. Of all else awsapi.Mux tells.
	Served func(*http.Request, awsapi.Served)
}

// Door answers operators.
type Door struct {
	engine *engine.Engine
	scope  awsapi.Scope
	limits awsapi.Limits
	served func(*http.Request, awsapi.Served)
}

// New makes a door.
func New(c Config) *Door {
	d := &Door{engine: c.Engine, scope: c.Scope, limits: awsapi.Limits{}, served: c.Served}
	if d.served == nil {
		d.served = func(*http.Request, awsapi.Served) {}
	}
	if c.MaxRolloutRate > 0 {
		d.limits[iot.RolloutRate] = int64(c.MaxRolloutRate)
	}
	return d
}

// Routes are the operations of the control plane that are built.
func (d *Door) Routes() []awsapi.Route {
	return []awsapi.Route{
		awsapi.HandleWithin(d.limits, iot.CreateJob, d.createJob),
		awsapi.HandleExtended(d.limits, iot.UpdateJob, d.updateJob),
		awsapi.Handle(iot.DescribeJob, d.describeJob),
		awsapi.Handle(iot.GetJobDocument, d.getJobDocument),
		awsapi.Handle(iot.ListJobs, d.listJobs),
		awsapi.Handle(iot.CancelJob, d.cancelJob),
		awsapi.Handle(iot.DeleteJob, d.deleteJob),
		awsapi.Handle(iot.AssociateTargetsWithJob, d.associateTargets),

		awsapi.Handle(iot.DescribeJobExecution, d.describeExecution),
		awsapi.Handle(iot.CancelJobExecution, d.cancelExecution),
		awsapi.Handle(iot.DeleteJobExecution, d.deleteExecution),
		awsapi.Handle(iot.ListJobExecutionsForJob, d.listExecutionsForJob),
		awsapi.Handle(iot.ListJobExecutionsForThing, d.listExecutionsForThing),

		awsapi.HandleWithin(d.limits, iot.CreateJobTemplate, d.createJobTemplate),
		awsapi.Handle(iot.DescribeJobTemplate, d.describeJobTemplate),
		awsapi.Handle(iot.DeleteJobTemplate, d.deleteJobTemplate),
		awsapi.Handle(iot.ListJobTemplates, d.listJobTemplates),
		awsapi.Handle(iot.DescribeManagedJobTemplate, d.describeManagedTemplate),
		awsapi.Handle(iot.ListManagedJobTemplates, d.listManagedTemplates),

		awsapi.Handle(iot.CreateThing, d.createThing),
		awsapi.Handle(iot.UpdateThing, d.updateThing),
		awsapi.Handle(iot.DeleteThing, d.deleteThing),
		awsapi.Handle(iot.DescribeThing, d.describeThing),
		awsapi.Handle(iot.ListThings, d.listThings),
		awsapi.Handle(iot.GetThingConnectivityData, d.getConnectivity),

		awsapi.Handle(iot.CreateThingGroup, d.createGroup),
		awsapi.Handle(iot.UpdateThingGroup, d.updateGroup),
		awsapi.Handle(iot.DeleteThingGroup, d.deleteGroup),
		awsapi.Handle(iot.DescribeThingGroup, d.describeGroup),
		awsapi.Handle(iot.ListThingGroups, d.listGroups),
		awsapi.Handle(iot.ListThingGroupsForThing, d.listGroupsForThing),
		awsapi.Handle(iot.ListThingsInThingGroup, d.listThingsInGroup),
		awsapi.Handle(iot.AddThingToThingGroup, d.addThing),
		awsapi.Handle(iot.RemoveThingFromThingGroup, d.removeThing),
		awsapi.Handle(iot.UpdateThingGroupsForThing, d.changeGroups),

		awsapi.Handle(iot.CreateDynamicThingGroup, d.createDynamicGroup),
		awsapi.Handle(iot.UpdateDynamicThingGroup, d.updateDynamicGroup),
		awsapi.Handle(iot.DeleteDynamicThingGroup, d.deleteDynamicGroup),

		awsapi.Handle(iot.SearchIndex, d.searchIndex),
		awsapi.Handle(iot.DescribeIndex, d.describeIndex),
		awsapi.Handle(iot.ListIndices, d.listIndices),
		awsapi.Handle(iot.GetIndexingConfiguration, d.getIndexing),
		awsapi.Handle(iot.UpdateIndexingConfiguration, d.updateIndexing),
		awsapi.Handle(iot.GetCardinality, d.getCardinality),
		awsapi.Handle(iot.GetStatistics, d.getStatistics),
		awsapi.Handle(iot.GetPercentiles, d.getPercentiles),
		awsapi.Handle(iot.GetBucketsAggregation, d.getBuckets),

		awsapi.Handle(iot.CreateThingType, d.createType),
		awsapi.Handle(iot.DeprecateThingType, d.deprecateType),
		awsapi.Handle(iot.DeleteThingType, d.deleteType),
		awsapi.Handle(iot.DescribeThingType, d.describeType),
		awsapi.Handle(iot.ListThingTypes, d.listTypes),

		awsapi.Handle(iot.TagResource, d.tag),
		awsapi.Handle(iot.UntagResource, d.untag),
		awsapi.Handle(iot.ListTagsForResource, d.listTags),
		awsapi.Handle(iot.DescribeEndpoint, d.describeEndpoint),
		awsapi.Handle(iot.DescribeEventConfigurations, d.describeEvents),
		awsapi.Handle(iot.UpdateEventConfigurations, d.updateEvents),

		awsapi.Handle(iot.CreatePackage, d.createPackage),
		awsapi.Handle(iot.GetPackage, d.getPackage),
		awsapi.Handle(iot.ListPackages, d.listPackages),
		awsapi.Handle(iot.UpdatePackage, d.updatePackage),
		awsapi.Handle(iot.DeletePackage, d.deletePackage),
		awsapi.Handle(iot.CreatePackageVersion, d.createPackageVersion),
		awsapi.Handle(iot.GetPackageVersion, d.getPackageVersion),
		awsapi.Handle(iot.ListPackageVersions, d.listPackageVersions),
		awsapi.Handle(iot.UpdatePackageVersion, d.updatePackageVersion),
		awsapi.Handle(iot.DeletePackageVersion, d.deletePackageVersion),
		awsapi.Handle(iot.GetPackageConfiguration, d.getPackageConfig),
		awsapi.Handle(iot.UpdatePackageConfiguration, d.updatePackageConfig),
	}
}

// Extended are operations that AWS does not have, in the form of those it has.
func (d *Door) Extended() []awsapi.Route {
	return []awsapi.Route{
		awsapi.HandleExtended(d.limits, iot.CreateJobExtended, d.createJob),
		awsapi.Handle(iot.GetDroverJob, d.getDroverJob),
		awsapi.Handle(iot.UpdateDroverJob, d.updateDroverJob),
		awsapi.Handle(iot.PauseJob, d.pauseJob),
		awsapi.Handle(iot.ResumeJob, d.resumeJob),
		awsapi.Handle(iot.ListJobChanges, d.listJobChanges),
	}
}

// page is a page of a list under way, between the client's token and the
// store's cursor.
type page struct{ awsapi.Page }

// open reads the paging members of a request; filters are the values of all
// its others.
func open(op awsapi.Operation, token string, maxResults int, filters ...string) (page, error) {
	p, err := awsapi.Listing{Operation: op, Filters: filters}.Open(token, maxResults)
	return page{p}, err
}

func (p page) store() store.Page {
	return store.Page{Limit: p.Size, After: store.Cursor(p.Cursor())}
}

// next is the token behind what the store read; "" is the end.
func (p page) next(c store.Cursor) (string, error) { return p.NextAt(string(c)) }

// resource takes apart an ARN at a member; one of another account or region is
// not found. spec: wire-protocol.md#6-arns
func (d *Door) resource(arn, member string) (awsapi.ARN, error) {
	a, ok := awsapi.ParseARN(arn)
	if !ok {
		return a, fault.New(fault.InvalidRequest, "Value '%s' at '%s' failed to satisfy constraint: must be an ARN", arn, member)
	}
	if !d.scope.Holds(a) {
		return a, fault.New(fault.NotFound, "Resource %s does not exist: this node is account %s, region %s", arn, d.scope.Account, d.scope.Region)
	}
	return a, nil
}

// inTheWay names the resource that exists already, if that is what err says.
// spec: wire-protocol.md#3-errors-on-http
func (d *Door) inTheWay(err error, kind, name string) error {
	if e := fault.As(err); e != nil && e.Kind == fault.AlreadyExists {
		e.Resource = d.scope.ARN(kind, name)
	}
	return err
}

// done is the answer of an operation that answers nothing.
func done(err error) (*iot.Empty, error) { return &iot.Empty{}, err }

// describeEndpoint answers with the host that the client called.
// spec: wire-protocol.md#1-services-hosts-signing
func (d *Door) describeEndpoint(_ context.Context, in *iot.DescribeEndpointRequest) (*iot.DescribeEndpointAnswer, error) {
	return &iot.DescribeEndpointAnswer{EndpointAddress: in.Host}, nil
}
