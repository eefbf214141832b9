#include "clients/answers.hpp"
#include "clients/workers/attempt.hpp"

#include <nlohmann/json.hpp>

namespace dubber {

translate_client::translate_client(service_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle translate_client::start(std::shared_ptr<const work_order> order,
                                    const attempt_info& info, callback on_end) {
  auto& in = std::get<translate_input>(order->input);
  auto rq = keyed_post(settings_, *order, info, "/translate");
  rq.headers.emplace_back("Content-Type", "application/json");
  rq.body = nlohmann::json{{"text", in.text},
                           {"source_lang", in.source_language},
                           {"target_lang", in.target_language}}
              .dump();
  rq.deadline = info.timeout;
  return settings_.http.send(
    std::move(rq), [on_end = std::move(on_end)](result<http_response> answer) {
      if (!answer)
        return on_end(answer.error());
      if (answer->status != 200)
        return on_end(status_fault("the translation service", *answer));
      auto text = parse_translation(answer->body);
      if (text)
        on_end(work_result{std::move(*text)});
      else
        on_end(text.error());
    });
}

} // namespace dubber
