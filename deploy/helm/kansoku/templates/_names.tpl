{{- define "kansoku.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "kansoku.selector" -}}
app.kubernetes.io/name: kansoku
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "kansoku.labels" -}}
{{ include "kansoku.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: kansoku
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "kansoku.meta" -}}
name: {{ include "kansoku.fullname" .root }}{{ with .component }}-{{ . }}{{ end }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "kansoku.labels" . | nindent 2 }}
{{- end }}

{{- define "kansoku.image" -}}
{{- $image := .root.Values.image -}}
{{- $registry := .root.Values.global.imageRegistry | default $image.registry -}}
{{- with $registry }}{{ . }}/{{ end }}{{ $image.prefix }}{{ .program -}}
{{- $digest := get $image.digests .program -}}
{{- if $digest }}@{{ $digest }}{{ else }}:{{ .tag | default $image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end }}

{{/* The values of a component: query-api's are called queryApi. */}}
{{- define "kansoku.values" -}}
{{ get .root.Values (.component | camelcase | untitle) | toYaml }}
{{- end }}

{{/* What is true of each program, whatever the values say. `sessions` are those that one process may have at Postgres. */}}
{{- define "kansoku.facts" -}}
fetcher: {port: 7401, args: [run], user: fetcher}
archive: {port: 7404, args: [keep], user: archiver}
validator: {port: 7402, args: [], user: validator, schemas: true}
loader: {port: 7403, args: [], user: loader, postgres: true, sessions: 5}
replayer: {port: 7405, args: [], user: replayer, postgres: true, schemas: true, sessions: 2}
query-api: {port: 7410, args: [], postgres: true, redis: true, schemas: true, sessions: {{ add .Values.queryApi.config.postgres.max_connections 2 }}}
{{- end }}

{{/* What cert-manager issues for a component. */}}
{{- define "kansoku.tlsSecret" -}}
{{ include "kansoku.fullname" .root }}-{{ .component }}-tls
{{- end }}

{{/* The components that run, by name. */}}
{{- define "kansoku.components" -}}
{{- $names := list "fetcher" "validator" "loader" "replayer" "query-api" -}}
{{- if .Values.archive.enabled }}{{ $names = append $names "archive" }}{{ end -}}
{{- $names | join " " -}}
{{- end }}

{{/* The most pods a component may have at a time, without the one more of an upgrade. */}}
{{- define "kansoku.most" -}}
{{- $values := include "kansoku.values" . | fromYaml -}}
{{- if and .root.Values.keda.enabled (has .component (list "validator" "loader")) -}}
{{ (get .root.Values.keda .component).maxReplicas }}
{{- else if and (eq .component "query-api") $values.autoscaling.enabled -}}
{{ $values.autoscaling.maxReplicas }}
{{- else -}}
{{ $values.replicas | default 1 }}
{{- end -}}
{{- end }}
