#include "clients/answers.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/wav.hpp"
#include "clients/workers/attempt.hpp"

namespace dubber {

namespace {

constexpr std::uint64_t max_answer = 64ull << 20; // INTERFACES, Limits

/// The file to send: the whole sound, or the chunk, cut out into `scratch`.
/// Nothing but the chunk is read.
result<std::filesystem::path> chunk_file(const std::filesystem::path& audio,
                                         const transcribe_input& in,
                                         const std::filesystem::path& scratch) {
  if (in.whole)
    return audio;
  auto info = read_wav_info(audio);
  if (!info)
    return info.error();
  auto samples = read_wav(audio, *info, in.chunk.start, in.chunk.end);
  if (!samples)
    return samples.error();
  auto written = write_wav(scratch, info->rate, info->channels, *samples);
  if (!written)
    return written.error();
  return scratch;
}

/// One attempt.
struct transcription : std::enable_shared_from_this<transcription> {
  transcription(const service_settings& service, object_store& files,
                work_pool& threads, const std::filesystem::path& scratch,
                std::shared_ptr<const work_order> what, attempt_info how,
                worker::callback on_end)
    : settings(service), store(files), pool(threads), order(std::move(what)),
      info(std::move(how)),
      at(std::make_shared<attempt>(info.timeout, std::move(on_end))),
      folder(scratch, "chunk-" + std::to_string(order->job_no)) {
    // nop
  }

  const transcribe_input& in() const {
    return std::get<transcribe_input>(order->input);
  }

  void begin() {
    at->next([&] {
      return store.get(
        in().audio.key, folder / "audio.wav", at->left(),
        [me = shared_from_this()](result<object_store::local_file> audio) {
          if (!audio)
            return me->at->end(audio.error());
          me->cut(audio->path);
        });
    });
  }

  void cut(const std::filesystem::path& audio) {
    at->next([&] {
      return pool.post([me = shared_from_this(), audio](const cancel_flag&) {
        auto file = chunk_file(audio, me->in(), me->folder / "chunk.wav");
        if (!file)
          return me->at->end(file.error());
        me->send(*file);
      });
    });
  }

  void send(const std::filesystem::path& file) {
    auto rq = keyed_post(settings, *order, info, "/transcribe");
    rq.body = multipart_body{file, "file", "audio.wav", "audio/wav"};
    rq.deadline = at->left();
    rq.max_answer_bytes = max_answer;
    at->next([&] {
      return settings.http.send(
        std::move(rq), [me = shared_from_this()](result<http_response> answer) {
          if (!answer)
            return me->at->end(answer.error());
          if (answer->status != 200)
            return me->at->end(status_fault("the ASR service", *answer));
          auto heard = parse_transcript(answer->body, me->in().chunk.start);
          if (heard)
            me->at->end(work_result{std::move(*heard)});
          else
            me->at->end(heard.error());
        });
    });
  }

  const service_settings& settings;
  object_store& store;
  work_pool& pool;
  std::shared_ptr<const work_order> order;
  attempt_info info;
  std::shared_ptr<attempt> at;
  scratch_folder folder;
};

} // namespace

asr_client::asr_client(service_settings settings, object_store& store,
                       work_pool& pool, std::filesystem::path scratch)
  : settings_(std::move(settings)), store_(store), pool_(pool),
    scratch_(std::move(scratch)) {
  // nop
}

call_handle asr_client::start(std::shared_ptr<const work_order> order,
                              const attempt_info& info, callback on_end) {
  auto run = std::make_shared<transcription>(settings_, store_, pool_, scratch_,
                                             std::move(order), info,
                                             std::move(on_end));
  auto handle = run->at->handle();
  run->begin();
  return handle;
}

} // namespace dubber
