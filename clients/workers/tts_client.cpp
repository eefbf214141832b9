#include "clients/answers.hpp"
#include "clients/http/url.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/wav.hpp"
#include "clients/workers/attempt.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dubber {

namespace {

constexpr std::uint64_t max_wav = 64ull << 20; // INTERFACES, Limits
constexpr double fastest_rate = 1.6;           // 260 words a minute over 165
constexpr double worth_a_call = 1.05; ///< less is left to the timeline's tempo
constexpr double surplus = 1.03;      ///< a rate is never met exactly

/// One attempt: once at the service's own rate and, when that is too long, once
/// more at a higher one. What goes wrong with the second never spoils the
/// first.
struct speech : std::enable_shared_from_this<speech> {
  speech(const service_settings& service, object_store& files,
         work_pool& threads, rate_memory& rates,
         const std::filesystem::path& scratch,
         std::shared_ptr<const work_order> what, attempt_info how,
         worker::callback on_end)
    : settings(service), store(files), pool(threads), memory(rates),
      order(std::move(what)), info(std::move(how)),
      at(std::make_shared<attempt>(info.timeout, std::move(on_end))),
      folder(scratch, "speech-" + std::to_string(order->job_no)) {
    // nop
  }

  const speak_input& in() const {
    return std::get<speak_input>(order->input);
  }

  void synthesize() {
    auto rq = keyed_post(settings, *order, info, "/synthesize");
    nlohmann::json body{{"text", in().text}, {"lang", in().language}};
    if (!in().voice.empty())
      body["voice"] = in().voice;
    if (first) {
      body["rate"] = rate;
      rq.headers.front().second += "-faster"; // another result: another key
    }
    rq.headers.emplace_back("Content-Type", "application/json");
    rq.body = body.dump();
    rq.deadline = at->left();
    at->next([&] {
      return settings.http.send(
        std::move(rq), [me = shared_from_this()](result<http_response> answer) {
          if (!answer)
            return me->fail(answer.error());
          if (answer->status != 200)
            return me->fail(status_fault("the TTS service", *answer));
          auto name = parse_audio_name(answer->body);
          if (name)
            me->fetch_audio(*name);
          else
            me->fail(name.error());
        });
    });
  }

  void fetch_audio(const std::string& name) {
    http_request rq;
    rq.url = base_url(settings, info) + "/audio/" + percent_encode(name, false);
    rq.deadline = at->left();
    rq.max_answer_bytes = max_wav;
    rq.sink = sound();
    at->next([&] {
      return settings.http.send(
        std::move(rq), [me = shared_from_this()](result<http_response> answer) {
          if (!answer)
            return me->fail(answer.error());
          if (answer->status != 200) {
            auto why = status_fault("the TTS service", *answer);
            // It has just said that the file is there.
            if (why.code == fault_code::not_found)
              why.code = fault_code::bad_answer;
            return me->fail(why);
          }
          me->at->next([&] {
            return me->pool.post([me](const cancel_flag&) { me->on_sound(); });
          });
        });
    });
  }

  void on_sound() {
    auto wav = read_wav_info(sound());
    if (!wav)
      return fail(wav.error());
    auto seconds = wav->seconds();
    if (first) {
      if (seconds >= first->seconds) {
        memory.ignored();
        return at->end(work_result{*first});
      }
      memory.honoured();
    }
    at->next([&] {
      return store.put_artifact(
        sound(), at->left(),
        [me = shared_from_this(), seconds](result<artifact> stored) {
          if (!stored)
            return me->fail(stored.error());
          me->on_stored({std::move(*stored), seconds, me->rate});
        });
    });
  }

  void on_stored(spoken result) {
    auto slot = in().slot_seconds;
    auto wanted = slot > 0
                    ? std::min(fastest_rate, result.seconds / slot * surplus)
                    : 1.0;
    if (first || wanted <= worth_a_call || !memory.worth_asking())
      return at->end(work_result{std::move(result)});
    first = std::move(result);
    rate = wanted;
    synthesize();
  }

  void fail(const fault& why) {
    if (!first)
      return at->end(why);
    if (why.code == fault_code::refused || why.code == fault_code::unsupported)
      memory.refused();
    at->end(work_result{*first});
  }

  std::filesystem::path sound() const {
    return folder / (first ? "faster.wav" : "speech.wav");
  }

  const service_settings& settings;
  object_store& store;
  work_pool& pool;
  rate_memory& memory;
  std::shared_ptr<const work_order> order;
  attempt_info info;
  std::shared_ptr<attempt> at;
  scratch_folder folder;
  double rate = 1;
  std::optional<spoken> first; ///< the answer, when a second is asked for
};

} // namespace

tts_client::tts_client(service_settings settings, object_store& store,
                       work_pool& pool, std::filesystem::path scratch)
  : settings_(std::move(settings)), store_(store), pool_(pool),
    scratch_(std::move(scratch)) {
  // nop
}

call_handle tts_client::start(std::shared_ptr<const work_order> order,
                              const attempt_info& info, callback on_end) {
  auto run
    = std::make_shared<speech>(settings_, store_, pool_, memory_, scratch_,
                               std::move(order), info, std::move(on_end));
  auto handle = run->at->handle();
  run->synthesize();
  return handle;
}

} // namespace dubber
