{{/*
How the release has the resource definition. A definition that was kept when another release was uninstalled still names
that release, and Helm refuses to take it over as one of its objects. So it is:
  object  one of the release's objects: where there is none, where it is this release's, and wherever it can't be seen
          (`helm template`, a dry run)
  hook    applied by a hook, which Helm does not ask whose it is: where its release is gone. It then names this release,
          whose next upgrade has it as an object. Helm never deletes a definition that a hook applied.
  other   left alone: its release is still there, and upgrades it
  none    not wanted
Helm 3 can't apply by a hook what is there already, and without `crds.keep` it has to be an object: there Helm's own
refusal stands, and `helm install --take-ownership` is the answer to it.
*/}}
{{- define "aigateway.crd" -}}
{{- $crd := dict -}}
{{- if .Values.crds.enabled -}}
{{- $crd = lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "aigateways.aigateway.dev" | default dict -}}
{{- end -}}
{{- $annotations := dig "metadata" "annotations" dict $crd | default dict -}}
{{- $release := get $annotations "meta.helm.sh/release-name" -}}
{{- $namespace := get $annotations "meta.helm.sh/release-namespace" -}}
{{- $mine := and (eq $release .Release.Name) (eq $namespace .Release.Namespace) -}}
{{- if not .Values.crds.enabled -}}
none
{{- else if or (not $crd) $mine -}}
object
{{- else if include "aigateway.lives" (list $release $namespace) -}}
other
{{- else if and .Values.crds.keep (semverCompare ">=4.0.0-0" .Capabilities.HelmVersion.Version) -}}
hook
{{- else -}}
object
{{- end -}}
{{- end }}

{{/* Whether the operator of a release is there, as a text that is empty if not. Takes (list RELEASE NAMESPACE). */}}
{{- define "aigateway.lives" -}}
{{- if last . -}}
{{- range (lookup "apps/v1" "Deployment" (last .) "" | default dict).items -}}
{{- $labels := .metadata.labels | default dict -}}
{{- if and (eq (get $labels "app.kubernetes.io/instance") (first $)) (eq (get $labels "app.kubernetes.io/component") "operator") (hasPrefix "aigateway-" (get $labels "helm.sh/chart")) -}}
{{ .metadata.name }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
