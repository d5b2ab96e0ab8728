{{/* A value in TOML: what JSON writes of text, numbers, truth and lists of them is TOML as well. */}}
{{- define "kansoku.tomlKeys" -}}
{{- range $key, $value := . }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
{{ $key }} = {{ toJson $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* Sections of keys, and lists of tables; keys of no section come first. Empty ones are left to the program. */}}
{{- define "kansoku.toml" -}}
{{- $top := dict }}
{{- range $name, $part := . }}
{{- if not (or (kindIs "map" $part) (kindIs "slice" $part)) }}{{ $_ := set $top $name $part }}{{ end }}
{{- end }}
{{- include "kansoku.tomlKeys" $top }}
{{- range $name, $part := . }}
{{- if kindIs "map" $part }}
[{{ $name }}]
{{- include "kansoku.tomlKeys" $part }}
{{ else if kindIs "slice" $part }}
{{- range $part }}
[[{{ $name }}]]
{{- include "kansoku.tomlKeys" . }}
{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* The configuration file of a component: its values, and what follows from the chart. */}}
{{- define "kansoku.config" -}}
{{- $root := .root -}}
{{- $facts := get (include "kansoku.facts" $root | fromYaml) .component -}}
{{- $values := include "kansoku.values" . | fromYaml -}}
{{- $config := deepCopy ($values.config | default dict) -}}
{{- $_ := set $config "telemetry" (dict "log" $root.Values.telemetry.log) -}}
{{- $tls := dict -}}
{{- if $root.Values.tls.enabled -}}
{{- $tls = dict "tls_ca" "/run/secrets/tls/ca.crt" "tls_cert" "/run/secrets/tls/tls.crt" "tls_key" "/run/secrets/tls/tls.key" -}}
{{- end -}}
{{- if eq .component "query-api" -}}
{{- if and $root.Values.tls.enabled $root.Values.tls.api -}}
{{- $_ := merge $config (omit $tls "tls_ca") -}}
{{- end -}}
{{- $_ := set $config "http" (dict "listen" "0.0.0.0:7400") -}}
{{- $_ := set $config "admin" (dict "listen" "0.0.0.0:7410") -}}
{{- $redis := dict "url_file" (printf "/run/secrets/redis/%s" $root.Values.redis.secretKey) -}}
{{- /* With these files query-api refuses a Redis without TLS, and trusts no other authority. */ -}}
{{- $_ := set $config "redis" ($root.Values.tls.redis | ternary $tls dict | merge $redis) -}}
{{- $_ := set $config "web" (dict "dir" "/srv/web") -}}
{{- else -}}
{{- $_ := set $config "http" (dict "listen" (printf "0.0.0.0:%v" $facts.port)) -}}
{{- if and $root.Values.tls.enabled $root.Values.tls.natsFirst }}{{ $tls = merge (dict "tls_first" true) $tls }}{{ end -}}
{{- $_ := set $config "nats" (merge (dict "url" $root.Values.nats.url "monitor" $root.Values.nats.monitor "nkey_file" (printf "/keys/%s.nk" $facts.user)) $tls) -}}
{{- end -}}
{{- if $facts.postgres -}}
{{- $url := dict "url_file" (printf "/run/secrets/postgres/%s" $root.Values.postgres.secretKey) -}}
{{- $_ := set $config "postgres" (merge $url ($config.postgres | default dict)) -}}
{{- end -}}
{{- if and $facts.schemas $root.Values.schemas.configMap -}}
{{- $_ := set $config "schemas" (dict "overlay" "/schemas") -}}
{{- end -}}
{{- if has .component (list "fetcher" "replayer") -}}
{{- $_ := set $config "raw" (dict "archived" $root.Values.archive.enabled) -}}
{{- end -}}
{{- if eq .component "archive" -}}
{{- $_ := set $config "keep" (dict "dir" "/archive") -}}
{{- end -}}
{{- include "kansoku.toml" $config | trim }}
{{ end }}
