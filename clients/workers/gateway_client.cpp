#include "clients/answers.hpp"
#include "clients/workers/services.hpp"

namespace dubber {

namespace {

/// The answer's parsed body, or its fault.
template <class T, class F>
result<T> read_answer(const result<http_response>& answer, F parse) {
  if (!answer)
    return answer.error();
  if (answer->status < 200 || answer->status > 299)
    return status_fault("the gateway", *answer);
  auto parsed = parse(answer->body);
  if (!parsed)
    return parsed.error();
  return T{std::move(*parsed)};
}

} // namespace

gateway_client::gateway_client(service_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

std::string gateway_client::job_url(std::int64_t job_id) const {
  return settings_.url + "/api/v1/job/" + std::to_string(job_id);
}

call_handle gateway_client::start(std::shared_ptr<const work_order> order,
                                  const attempt_info& info, callback on_end) {
  http_request rq;
  rq.url = job_url(order->job_id);
  rq.deadline = info.timeout;
  if (!info.traceparent.empty())
    rq.headers.emplace_back("traceparent", info.traceparent);
  return settings_.http.send(
    std::move(rq), [on_end = std::move(on_end)](result<http_response> answer) {
      on_end(read_answer<work_result>(answer, parse_job));
    });
}

call_handle
gateway_client::get(std::int64_t job_id, ms deadline,
                    std::function<void(result<gateway_state>)> on_end) {
  http_request rq;
  rq.url = job_url(job_id);
  rq.deadline = deadline;
  return settings_.http.send(
    std::move(rq), [on_end = std::move(on_end)](result<http_response> answer) {
      on_end(read_answer<gateway_state>(answer, parse_gateway_state));
    });
}

call_handle gateway_client::patch(std::int64_t job_id,
                                  const gateway_update& update, ms deadline,
                                  std::function<void(result<done>)> on_end) {
  http_request rq;
  rq.method = "PATCH";
  rq.url = job_url(job_id);
  rq.headers.emplace_back("Content-Type", "application/json");
  rq.body = to_json(update);
  rq.deadline = deadline;
  return settings_.http.send(
    std::move(rq), [on_end = std::move(on_end)](result<http_response> answer) {
      on_end(read_answer<done>(
        answer, [](const std::string&) { return result<done>{done{}}; }));
    });
}

} // namespace dubber
