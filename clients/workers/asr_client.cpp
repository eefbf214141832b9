#include "clients/answers.hpp"
#include "clients/wav.hpp"
#include "clients/workers/attempt.hpp"

namespace dubber {

namespace {

constexpr std::uint64_t max_answer = 64ull << 20; // INTERFACES, Limits

/// The file to send: the whole sound, or the chunk cut out into `scratch`.
result<std::filesystem::path> chunk_file(const local_store& store,
                                         const transcribe_input& in,
                                         const std::filesystem::path& scratch) {
  auto audio = store.locate(in.audio.key);
  if (!audio || in.whole)
    return audio;
  auto info = read_wav_info(*audio);
  if (!info)
    return info.error();
  auto samples = read_wav(*audio, *info, in.chunk.start, in.chunk.end);
  if (!samples)
    return samples.error();
  auto written = write_wav(scratch, info->rate, info->channels, *samples);
  if (!written)
    return written.error();
  return scratch;
}

} // namespace

asr_client::asr_client(service_settings settings, local_store& store,
                       work_pool& pool, std::filesystem::path scratch)
  : settings_(std::move(settings)), store_(store), pool_(pool),
    scratch_(std::move(scratch)) {
  // nop
}

call_handle asr_client::start(std::shared_ptr<const work_order> order,
                              const attempt_info& info, callback on_end) {
  auto at = std::make_shared<attempt>(info.timeout, std::move(on_end));
  auto handle = at->handle();
  auto name = std::to_string(order->job_no) + "-" + std::to_string(order->run)
              + "-chunk-" + std::to_string(order->item) + ".wav";
  at->scratch = scratch_ / name;
  at->next([&] {
    return pool_.post([this, at, order, info](const cancel_flag&) {
      auto& in = std::get<transcribe_input>(order->input);
      auto file = chunk_file(store_, in, at->scratch);
      if (!file)
        return at->end(file.error());
      auto rq = keyed_post(settings_, *order, info, "/transcribe");
      rq.body = multipart_body{*file, "file", "audio.wav", "audio/wav"};
      rq.deadline = at->left();
      rq.max_answer_bytes = max_answer;
      auto offset = in.chunk.start;
      at->next([&] {
        return settings_.http.send(
          std::move(rq), [at, offset](result<http_response> answer) {
            if (!answer)
              return at->end(answer.error());
            if (answer->status != 200)
              return at->end(status_fault("the ASR service", *answer));
            auto heard = parse_transcript(answer->body, offset);
            if (heard)
              at->end(work_result{std::move(*heard)});
            else
              at->end(heard.error());
          });
      });
    });
  });
  return handle;
}

} // namespace dubber
