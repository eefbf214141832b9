#include "clients/answers.hpp"
#include "clients/http/url.hpp"
#include "clients/wav.hpp"
#include "clients/workers/attempt.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dubber {

namespace {

constexpr std::uint64_t max_wav = 64ull << 20; // INTERFACES, Limits
constexpr double fastest_rate = 1.6;           // 260 words a minute over 165

/// What an attempt has so far.
struct speech {
  std::shared_ptr<attempt> at;
  std::shared_ptr<const work_order> order;
  attempt_info info;
  const service_settings* settings = nullptr;
  const local_store* store = nullptr;
  work_pool* pool = nullptr;
  double rate = 1;
  std::optional<spoken>
    slower; ///< the first answer, when a second is asked for
};
using speech_ptr = std::shared_ptr<speech>;

void synthesize(const speech_ptr& s);

void on_sound(const speech_ptr& s) {
  auto info = read_wav_info(s->at->scratch);
  if (!info) {
    // A second try that went wrong does not spoil the first.
    if (s->slower)
      return s->at->end(work_result{*s->slower});
    return s->at->end(info.error());
  }
  auto seconds = info->seconds();
  if (s->slower && seconds >= s->slower->seconds)
    return s->at->end(work_result{*s->slower}); // `rate` is not known there
  auto stored = s->store->store_artifact(s->at->scratch);
  if (!stored)
    return s->at->end(stored.error());
  spoken result{std::move(*stored), seconds, s->rate};
  auto slot = std::get<speak_input>(s->order->input).slot_seconds;
  auto wanted = slot > 0 ? std::min(fastest_rate, seconds / slot * 1.03) : 1.0;
  if (s->slower || wanted <= 1.05)
    return s->at->end(work_result{std::move(result)});
  s->slower = std::move(result);
  s->rate = wanted;
  synthesize(s);
}

void fetch_audio(const speech_ptr& s, const std::string& name) {
  http_request rq;
  rq.url = s->settings->url + "/audio/" + percent_encode(name, false);
  rq.deadline = s->at->left();
  rq.max_answer_bytes = max_wav;
  rq.sink = s->at->scratch;
  s->at->next([&] {
    return s->settings->http.send(
      std::move(rq), [s](result<http_response> answer) {
        if (!answer)
          return s->at->end(answer.error());
        if (answer->status != 200) {
          auto why = status_fault("the TTS service", *answer);
          // It has just said that the file is there.
          if (why.code == fault_code::not_found)
            why.code = fault_code::bad_answer;
          return s->at->end(why);
        }
        s->at->next([&] {
          return s->pool->post([s](const cancel_flag&) { on_sound(s); });
        });
      });
  });
}

void synthesize(const speech_ptr& s) {
  auto& in = std::get<speak_input>(s->order->input);
  auto rq = keyed_post(*s->settings, *s->order, s->info, "/synthesize");
  nlohmann::json body{{"text", in.text}, {"lang", in.language}};
  if (!in.voice.empty())
    body["voice"] = in.voice;
  if (s->rate != 1) {
    body["rate"] = s->rate;
    rq.headers.front().second += "-faster"; // another result: another key
  }
  rq.headers.emplace_back("Content-Type", "application/json");
  rq.body = body.dump();
  rq.deadline = s->at->left();
  s->at->next([&] {
    return s->settings->http.send(
      std::move(rq), [s](result<http_response> answer) {
        if (!answer)
          return s->at->end(answer.error());
        if (answer->status != 200)
          return s->at->end(status_fault("the TTS service", *answer));
        auto name = parse_audio_name(answer->body);
        if (name)
          fetch_audio(s, *name);
        else
          s->at->end(name.error());
      });
  });
}

} // namespace

tts_client::tts_client(service_settings settings, local_store& store,
                       work_pool& pool, std::filesystem::path scratch)
  : settings_(std::move(settings)), store_(store), pool_(pool),
    scratch_(std::move(scratch)) {
  // nop
}

call_handle tts_client::start(std::shared_ptr<const work_order> order,
                              const attempt_info& info, callback on_end) {
  auto s = std::make_shared<speech>();
  s->at = std::make_shared<attempt>(info.timeout, std::move(on_end));
  s->at->scratch
    = scratch_
      / (std::to_string(order->job_no) + "-" + std::to_string(order->run)
         + "-speech-" + std::to_string(order->item) + ".wav");
  s->order = std::move(order);
  s->info = info;
  s->settings = &settings_;
  s->store = &store_;
  s->pool = &pool_;
  auto handle = s->at->handle();
  synthesize(s);
  return handle;
}

} // namespace dubber
