module llamastack.maas/sandbox/kserve-0.16

go 1.25.8

require (
	github.com/kserve/kserve v0.16.0
	sigs.k8s.io/gateway-api v1.4.1
)
