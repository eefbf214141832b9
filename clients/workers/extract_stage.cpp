#include "clients/scratch_folder.hpp"
#include "clients/wav.hpp"
#include "clients/workers/attempt.hpp"
#include "clients/workers/media.hpp"
#include "core/chunks.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

namespace dubber {

namespace {

constexpr std::size_t block_samples = 32'768;

/// Where a sound is cut, and where it may be cut further.
struct cutting {
  std::vector<media_span> chunks;
  std::vector<double> cuts;
};

/// Reads the sound block by block: the envelope is all that is kept of it.
result<cutting> cut_up(const std::filesystem::path& wav) {
  auto info = read_wav_info(wav);
  if (!info)
    return info.error();
  if (!info->is_pcm16())
    return fault{fault_code::bad_answer,
                 "the media worker's sound does not have 16 bit",
                 0,
                 {}};
  const chunk_rules rules;
  energy_envelope envelope{info->rate * info->channels, rules.frame_seconds};
  std::ifstream in{wav, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(info->data));
  std::array<std::int16_t, block_samples> block{};
  for (auto left = info->bytes; left > 0;) {
    auto wanted = std::min<std::uint64_t>(left, sizeof block);
    if (!in.read(reinterpret_cast<char*>(block.data()),
                 static_cast<std::streamsize>(wanted)))
      return fault{fault_code::disk, "cannot read the extracted sound", 0, {}};
    envelope.add(std::span{block}.first(wanted / 2));
    left -= wanted;
  }
  envelope.finish();
  auto chunks = cut_chunks(envelope.frames(), info->seconds(), rules);
  if (!chunks)
    return chunks.error();
  return cutting{std::move(*chunks),
                 find_cuts(envelope.frames(), info->seconds(), rules)};
}

struct extract_run : std::enable_shared_from_this<extract_run> {
  extract_run(const media_settings& settings,
              std::shared_ptr<const work_order> what, const attempt_info& info,
              worker::callback on_end)
    : with(settings), order(std::move(what)),
      call(call_of(*order, info, with.identity)),
      at(std::make_shared<attempt>(info.timeout, std::move(on_end))),
      folder(with.scratch, "chunks-" + std::to_string(order->job_no)) {
    // nop
  }

  void begin() {
    auto& in = std::get<extract_input>(order->input);
    at->next([&] {
      return with.media.extract_audio(
        call, in.source_object_key, attempt_key(*order, ".wav"), at->left(),
        [me = shared_from_this()](result<media_file> file) {
          if (!file)
            return me->at->end(file.error());
          me->sound = std::move(*file);
          me->fetch();
        });
    });
  }

  void fetch() {
    at->next([&] {
      return with.store.get(
        sound.key, folder / "audio.wav", at->left(),
        [me = shared_from_this()](result<object_store::local_file> file) {
          if (!file)
            return me->at->end(file.error());
          me->cut(file->path);
        });
    });
  }

  void cut(const std::filesystem::path& wav) {
    at->next([&] {
      return with.pool.post([me = shared_from_this(), wav](const cancel_flag&) {
        auto found = cut_up(wav);
        if (!found)
          return me->at->end(found.error());
        auto& wav_file = me->sound;
        me->at->end(
          work_result{extracted{{wav_file.key, wav_file.sha256, wav_file.bytes},
                                wav_file.seconds,
                                std::move(found->chunks),
                                std::move(found->cuts)}});
      });
    });
  }

  const media_settings& with;
  std::shared_ptr<const work_order> order;
  media_call call;
  std::shared_ptr<attempt> at;
  scratch_folder folder;
  media_file sound;
};

} // namespace

media_call call_of(const work_order& order, const attempt_info& info,
                   const std::string& identity) {
  return {order.job_id, order.run, call_key(order, identity), info.number,
          info.traceparent};
}

std::string attempt_key(const work_order& order, const char* extension) {
  auto stage = order.stage;
  std::replace(stage.begin(), stage.end(), ':', '.'); // of a further language
  return unique_key("artifacts/" + std::to_string(order.job_no) + "-"
                    + std::to_string(order.run) + "-" + stage)
         + extension;
}

extract_worker::extract_worker(media_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle extract_worker::start(std::shared_ptr<const work_order> order,
                                  const attempt_info& info, callback on_end) {
  auto run = std::make_shared<extract_run>(settings_, std::move(order), info,
                                           std::move(on_end));
  auto handle = run->at->handle();
  run->begin();
  return handle;
}

} // namespace dubber
