{{/* Names and labels. */}}
{{- define "parley.name" -}}
{{- printf "%s-parley" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "parley.labels" -}}
app.kubernetes.io/name: parley
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{/* What every container has in its environment. */}}
{{- define "parley.environment" -}}
envFrom:
  - secretRef:
      name: {{ .Values.existingSecret }}
env:
  - name: PARLEY_ACTIONS_URL
    value: http://{{ include "parley.name" . }}-actions:5055/webhook
  - name: PARLEY_API_URL
    value: http://{{ include "parley.name" . }}-rasa:5005
  - name: PARLEY_STOP_SECONDS
    value: {{ .Values.stopSeconds | quote }}
  {{- range $name, $value := .Values.environment }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
{{- end -}}

{{/* Of a server: what tells that it lives, that it is ready, and lets it end. */}}
{{- define "parley.probes" -}}
startupProbe:
  httpGet: {path: /health, port: http}
  periodSeconds: 5
  failureThreshold: {{ div .startupSeconds 5 }}
livenessProbe:
  httpGet: {path: /health, port: http}
  periodSeconds: 10
  # A model that is being loaded keeps the process busy for a while.
  timeoutSeconds: 10
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 6
  failureThreshold: 1
lifecycle:
  preStop:
    exec:
      command: [sleep, {{ .root.Values.preStopSeconds | quote }}]
{{- end -}}

{{- define "parley.security" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: home, mountPath: /home/parley}
  - {name: files, mountPath: /parley/var}
  {{- if .Values.model.existingClaim }}
  - {name: models, mountPath: /parley/models, readOnly: true}
  {{- end }}
{{- end -}}

{{- define "parley.pod" -}}
automountServiceAccountToken: false
terminationGracePeriodSeconds: {{ add .Values.stopSeconds .Values.preStopSeconds 15 }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  - name: home
    emptyDir: {}
  - name: files
    {{- if .Values.files.existingClaim }}
    persistentVolumeClaim:
      claimName: {{ .Values.files.existingClaim }}
    {{- else }}
    emptyDir: {}
    {{- end }}
  {{- if .Values.model.existingClaim }}
  - name: models
    persistentVolumeClaim:
      claimName: {{ .Values.model.existingClaim }}
      readOnly: true
  {{- end }}
{{- end -}}
