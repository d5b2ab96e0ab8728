{{/* What every pod has, whether it serves or is a job. */}}
{{- define "kansoku.podCommon" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.global.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.pods.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{- define "kansoku.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "kansoku.podMeta" -}}
labels:
  {{- include "kansoku.selector" . | nindent 2 }}
  {{- with .root.Values.pods.labels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- $annotations := merge (dict) (.annotations | default dict) .root.Values.pods.annotations }}
{{- with $annotations }}
annotations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* A secret's one file; `ca` is another, where it is named. */}}
{{- define "kansoku.secretFile" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret }}
    defaultMode: 0440
    items: [{key: {{ .key }}, path: {{ .key }}}{{ with .ca }}, {key: {{ . }}, path: {{ . }}}{{ end }}]
{{- end }}

{{- define "kansoku.postgresFiles" -}}
{{- with .Values.postgres }}{{ include "kansoku.secretFile" (dict "name" "postgres" "secret" .secretName "key" .secretKey "ca" .caKey) }}{{ end }}
{{- end }}

{{/* The volume of a component's certificate, where there is one. */}}
{{- define "kansoku.tlsVolume" -}}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret: {secretName: {{ include "kansoku.tlsSecret" . }}, defaultMode: 0440}
{{- end }}
{{- end }}

{{- define "kansoku.tlsMount" -}}
{{- if .Values.tls.enabled }}
- {name: tls, mountPath: /run/secrets/tls, readOnly: true}
{{- end }}
{{- end }}

{{/* The template of a service's pods. */}}
{{- define "kansoku.pod" -}}
{{- $root := .root -}}
{{- $facts := get (include "kansoku.facts" $root | fromYaml) .component -}}
{{- $values := include "kansoku.values" . | fromYaml -}}
{{- $config := include "kansoku.config" . -}}
metadata:
  {{- include "kansoku.podMeta" (dict "root" $root "component" .component "annotations" (dict "checksum/config" (sha256sum $config))) | nindent 2 }}
spec:
  serviceAccountName: {{ include "kansoku.fullname" $root }}
  {{- include "kansoku.podCommon" $root | nindent 2 }}
  terminationGracePeriodSeconds: {{ $root.Values.pods.terminationGracePeriodSeconds }}
  topologySpreadConstraints:
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "kansoku.selector" $ | nindent 10 }}
    {{- end }}
  containers:
    - name: {{ .component }}
      image: {{ include "kansoku.image" (dict "root" $root "program" .component "tag" $values.tag) | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ concat (list "--config" (printf "/config/%s.toml" .component)) $facts.args | toJson }}
      {{- with $root.Values.telemetry.otlpEndpoint }}
      env:
        - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
      {{- end }}
      ports:
        {{- if eq .component "query-api" }}
        - {name: http, containerPort: 7400}
        {{- end }}
        - {name: metrics, containerPort: {{ $facts.port }}}
      startupProbe:
        httpGet: {path: /livez, port: metrics}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /livez, port: metrics}
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 6
      readinessProbe:
        httpGet: {path: /readyz, port: metrics}
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      {{- with $values.preStopSeconds }}
      lifecycle:
        preStop:
          sleep: {seconds: {{ . }}}
      {{- end }}
      resources: {{ toYaml $values.resources | nindent 8 }}
      securityContext:
        {{- include "kansoku.containerSecurity" $root | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /config, readOnly: true}
        {{- include "kansoku.tlsMount" $root | nindent 8 }}
        {{- if $facts.user }}
        - {name: keys, mountPath: /keys, readOnly: true}
        {{- end }}
        {{- if $facts.postgres }}
        - {name: postgres, mountPath: /run/secrets/postgres, readOnly: true}
        {{- end }}
        {{- if $facts.redis }}
        - {name: redis, mountPath: /run/secrets/redis, readOnly: true}
        {{- end }}
        {{- if $values.keysSecret }}
        - {name: upstream, mountPath: /run/secrets/upstream, readOnly: true}
        {{- end }}
        {{- if and $facts.schemas $root.Values.schemas.configMap }}
        - {name: schemas, mountPath: /schemas, readOnly: true}
        {{- end }}
        {{- if eq .component "archive" }}
        - {name: archive, mountPath: /archive}
        {{- end }}
  volumes:
    - name: config
      configMap: {name: {{ include "kansoku.fullname" $root }}-{{ .component }}}
    {{- include "kansoku.tlsVolume" (dict "root" $root "component" .component) | nindent 4 }}
    {{- with $facts.user }}
    {{- include "kansoku.secretFile" (dict "name" "keys" "secret" $root.Values.nats.keysSecret "key" (printf "%s.nk" .)) | nindent 4 }}
    {{- end }}
    {{- if $facts.postgres }}
    {{- include "kansoku.postgresFiles" $root | nindent 4 }}
    {{- end }}
    {{- if $facts.redis }}
    {{- include "kansoku.secretFile" (dict "name" "redis" "secret" $root.Values.redis.secretName "key" $root.Values.redis.secretKey) | nindent 4 }}
    {{- end }}
    {{- with $values.keysSecret }}
    - name: upstream
      secret: {secretName: {{ . }}, defaultMode: 0440}
    {{- end }}
    {{- if and $facts.schemas $root.Values.schemas.configMap }}
    - name: schemas
      configMap: {name: {{ $root.Values.schemas.configMap }}}
    {{- end }}
{{- end }}
