#include "http/docs.hpp"

namespace dubber {

namespace {

constexpr const char* document = R"json({
"openapi":"3.0.3",
"info":{"title":"dubber-orchestrator","version":"0.1.0","description":"Durable coordinator of a video-dubbing platform."},
"paths":{
"/orchestrate":{"post":{"summary":"Start a job of the API gateway, or show the one that runs","requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Start"},"example":{"job_id":1}}}},
"responses":{"202":{"description":"Accepted: the job is on disk","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Started"}}}},"200":{"description":"Known already; nothing was started","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Started"}}}},"400":{"$ref":"#/components/responses/Problem"},"404":{"$ref":"#/components/responses/Problem"},"413":{"$ref":"#/components/responses/Problem"},"415":{"$ref":"#/components/responses/Problem"},"422":{"$ref":"#/components/responses/Problem"},"429":{"$ref":"#/components/responses/Problem"},"503":{"$ref":"#/components/responses/Problem"}}}},
"/jobs":{"get":{"summary":"Jobs, newest first","parameters":[{"name":"state","in":"query","schema":{"$ref":"#/components/schemas/State"}},{"$ref":"#/components/parameters/Limit"},{"$ref":"#/components/parameters/Cursor"}],"responses":{"200":{"description":"A page","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}},"422":{"$ref":"#/components/responses/Problem"}}}},
"/jobs/{id}":{"get":{"summary":"The newest job with this id of the gateway","parameters":[{"$ref":"#/components/parameters/Id"}],"responses":{"200":{"description":"The job","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Job"}}}},"404":{"$ref":"#/components/responses/Problem"}}}},
"/jobs/{id}/segments":{"get":{"summary":"Its segments","parameters":[{"$ref":"#/components/parameters/Id"},{"$ref":"#/components/parameters/Limit"},{"$ref":"#/components/parameters/Cursor"}],"responses":{"200":{"description":"A page","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}},"404":{"$ref":"#/components/responses/Problem"}}}},
"/jobs/{id}/history":{"get":{"summary":"Its journaled events","parameters":[{"$ref":"#/components/parameters/Id"},{"$ref":"#/components/parameters/Limit"},{"$ref":"#/components/parameters/Cursor"}],"responses":{"200":{"description":"A page","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}},"404":{"$ref":"#/components/responses/Problem"}}}},
"/services":{"get":{"summary":"Neighbours: breaker, queue, limits","responses":{"200":{"description":"All services","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Page"}}}}}}},
"/health":{"get":{"summary":"Is the program there","responses":{"200":{"description":"Yes","content":{"application/json":{"example":{"status":"ok"}}}}}}},
"/livez":{"get":{"summary":"Liveness probe","responses":{"200":{"description":"Alive"}}}},
"/readyz":{"get":{"summary":"Readiness probe: journal, not stopping","responses":{"200":{"description":"Ready"},"503":{"description":"Not ready; the body says why"}}}},
"/metrics":{"get":{"summary":"Prometheus exposition","responses":{"200":{"description":"Text"}}}}
},
"components":{
"parameters":{"Id":{"name":"id","in":"path","required":true,"schema":{"type":"integer","format":"int64"}},"Limit":{"name":"limit","in":"query","schema":{"type":"integer","minimum":1,"maximum":1000}},"Cursor":{"name":"cursor","in":"query","description":"`next` of the answer before","schema":{"type":"integer","format":"int64"}}},
"responses":{"Problem":{"description":"RFC 9457 problem","content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},
"schemas":{
"State":{"type":"string","enum":["queued","running","paused","parked","completed","failed","cancelled","rejected"]},
"Start":{"type":"object","required":["job_id"],"properties":{"job_id":{"type":"integer","format":"int64"},"pipeline":{"type":"string","enum":["dub"]},"priority":{"type":"integer","minimum":-1000,"maximum":1000}}},
"Started":{"type":"object","properties":{"message":{"type":"string"},"job":{"type":"object","description":"The gateway's job object"},"run":{"type":"integer"},"state":{"$ref":"#/components/schemas/State"}}},
"Page":{"type":"object","properties":{"items":{"type":"array","items":{"type":"object"}},"next":{"type":"integer","nullable":true}}},
"Job":{"type":"object","properties":{"id":{"type":"integer"},"run":{"type":"integer"},"state":{"$ref":"#/components/schemas/State"},"progress":{"type":"number","minimum":0,"maximum":1},"eta_seconds":{"type":"object","nullable":true,"properties":{"p50":{"type":"number"},"p90":{"type":"number"}}},"stages":{"type":"array","items":{"type":"object"}},"waiting_for":{"type":"object","nullable":true},"error":{"type":"object","nullable":true},"output_object_key":{"type":"string","nullable":true}}},
"Problem":{"type":"object","properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{},"code":{"type":"string"},"retryable":{"type":"boolean"}}}
}}}
)json";

} // namespace

std::string openapi_json() {
  return document;
}

} // namespace dubber
