module llamastack.maas/sandbox/argocd

go 1.25.8

require github.com/argoproj/argo-cd/v3 v3.1.0
