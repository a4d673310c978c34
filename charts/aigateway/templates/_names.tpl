{{/* The name of the release's namespaced objects; at most 40 characters, so that suffixes have room. */}}
{{- define "aigateway.name" -}}
{{- $chart := default .Chart.Name .Values.nameOverride -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name $chart) (contains $chart .Release.Name) -}}
{{- default $name .Values.fullnameOverride | replace "." "-" | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* The name of a cluster-scoped object: other releases, also of this name in other namespaces, have others. Takes
     (list . SUFFIX). */}}
{{- define "aigateway.clusterName" -}}
{{- $root := first . -}}
{{- printf "%s%s.%s" (include "aigateway.name" $root) (last .) $root.Release.Namespace -}}
{{- end }}

{{- define "aigateway.serviceAccountName" -}}
{{- default (include "aigateway.name" .) .Values.serviceAccount.name -}}
{{- end }}

{{/* What the operator's pods are selected by, for ever. */}}
{{- define "aigateway.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "aigateway.labels" -}}
{{- $own := include "aigateway.selectorLabels" . | fromYaml -}}
{{- $_ := set $own "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ := set $own "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $own "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63) -}}
{{- merge $own .Values.commonLabels | toYaml -}}
{{- end }}

{{/* The reference of an image: a digest wins over a tag. Takes (list . IMAGE). */}}
{{- define "aigateway.image" -}}
{{- $root := first . -}}
{{- $image := last . -}}
{{- $registry := default $image.registry $root.Values.global.imageRegistry -}}
{{- $name := ternary (printf "%s/%s" $registry $image.repository) $image.repository (not (empty $registry)) -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default $root.Chart.AppVersion $image.tag) -}}
{{- end -}}
{{- end }}
