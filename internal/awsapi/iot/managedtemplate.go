package iot

import (
	"github.com/drover-iot/drover/internal/awsapi"
	"github.com/drover-iot/drover/internal/job/managed"
)

var templateName = awsapi.Rule{Length: awsapi.Span{Min: 1, Max: 64}}

// DescribeManagedJobTemplate asks for a job template that comes with the
// server.
var DescribeManagedJobTemplate = awsapi.MustLookup(awsapi.IoT, "DescribeManagedJobTemplate")

// DescribeManagedJobTemplateRequest is what DescribeManagedJobTemplate takes.
type DescribeManagedJobTemplateRequest struct {
	TemplateName    string `json:"templateName"`
	TemplateVersion string `json:"templateVersion,omitempty"` // "": the newest
}

// Shape implements awsapi.Shaped.
func (DescribeManagedJobTemplateRequest) Shape() awsapi.Shape {
	return awsapi.Shape{
		{Name: "templateName", In: awsapi.Path, Required: true, Rule: templateName},
		{Name: "templateVersion", In: awsapi.Query, Rule: awsapi.Rule{Pattern: awsapi.VersionPattern}},
	}
}

// DescribeManagedJobTemplateAnswer is a managed job template.
type DescribeManagedJobTemplateAnswer struct {
	TemplateName       string              `json:"templateName"`
	TemplateARN        string              `json:"templateArn"`
	Description        string              `json:"description"`
	TemplateVersion    string              `json:"templateVersion"`
	Environments       []string            `json:"environments"`
	DocumentParameters []DocumentParameter `json:"documentParameters"`
	Document           string              `json:"document"`
}

// DocumentParameter is what an operator fills into a managed template's
// document. spec: api-shapes.md#documentparameter
type DocumentParameter struct {
	Key         string `json:"key"`
	Description string `json:"description"`
	Regex       string `json:"regex"`
	Example     string `json:"example"`
	Optional    bool   `json:"optional"`
}

// ManagedTemplateOf is t as DescribeManagedJobTemplate shows it.
func ManagedTemplateOf(t managed.Template, s awsapi.Scope) *DescribeManagedJobTemplateAnswer {
	summary := ManagedJobTemplateSummaryOf(t, s)
	shown := &DescribeManagedJobTemplateAnswer{
		TemplateName: t.Name, TemplateARN: summary.TemplateARN, Description: t.Description,
		TemplateVersion: t.Version, Environments: t.Environments, Document: string(t.Document),
	}
	for _, p := range t.Parameters {
		shown.DocumentParameters = append(shown.DocumentParameters, DocumentParameter{
			Key: p.Key, Description: p.Description, Regex: p.Regex, Example: p.Example, Optional: p.Optional,
		})
	}
	return shown
}

// ListManagedJobTemplates asks for a page of managed job templates.
var ListManagedJobTemplates = awsapi.MustLookup(awsapi.IoT, "ListManagedJobTemplates")

// ListManagedJobTemplatesRequest is what ListManagedJobTemplates takes.
type ListManagedJobTemplatesRequest struct {
	TemplateName string `json:"templateName,omitempty"`
	MaxResults   int    `json:"maxResults,omitempty"` // 0: absent
	NextToken    string `json:"nextToken,omitempty"`
}

// Shape implements awsapi.Shaped.
func (ListManagedJobTemplatesRequest) Shape() awsapi.Shape {
	return awsapi.Shape{{Name: "templateName", In: awsapi.Query, Rule: templateName}, maxResults, nextToken}
}

// ListManagedJobTemplatesAnswer is a page of managed job templates.
type ListManagedJobTemplatesAnswer struct {
	ManagedJobTemplates []ManagedJobTemplateSummary `json:"managedJobTemplates"`
	NextToken           string                      `json:"nextToken,omitempty"`
}

// ManagedJobTemplateSummary is a managed job template in a list.
// spec: api-shapes.md#managedjobtemplatesummary
type ManagedJobTemplateSummary struct {
	TemplateARN     string   `json:"templateArn"`
	TemplateName    string   `json:"templateName"`
	Description     string   `json:"description"`
	Environments    []string `json:"environments"`
	TemplateVersion string   `json:"templateVersion"`
}

// ManagedJobTemplateSummaryOf is t in a list.
func ManagedJobTemplateSummaryOf(t managed.Template, s awsapi.Scope) ManagedJobTemplateSummary {
	return ManagedJobTemplateSummary{
		TemplateARN: s.Provider().ARN(awsapi.ResourceJobTemplate, t.ID()), TemplateName: t.Name,
		Description: t.Description, Environments: t.Environments, TemplateVersion: t.Version,
	}
}
