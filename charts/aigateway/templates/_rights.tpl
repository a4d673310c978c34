{{/* What the operator may do in the namespaces that it serves. Secrets are watched by metadata alone; a value is read
     by name, when a gateway names it. */}}
{{- define "aigateway.rules" -}}
- apiGroups: [aigateway.dev]
  resources: [aigateways]
  verbs: [list, watch]
- apiGroups: [aigateway.dev]
  resources: [aigateways/status]
  verbs: [patch]
- apiGroups: [aigateway.dev]
  resources: [aigateways/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [services, configmaps, serviceaccounts]
  verbs: [get, list, watch, create, patch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch]
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, patch]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end }}

{{/* Whom a binding gives its role to. */}}
{{- define "aigateway.subjects" -}}
- kind: ServiceAccount
  name: {{ include "aigateway.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}
