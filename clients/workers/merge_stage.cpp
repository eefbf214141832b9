#include "clients/dub_report.hpp"
#include "clients/plan_json.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/store_calls.hpp"
#include "clients/workers/attempt.hpp"
#include "clients/workers/media.hpp"
#include "core/fail_point.hpp"
#include "core/subtitles.hpp"
#include "core/timeline.hpp"

#include <fstream>

namespace dubber {

namespace {

struct merge_run : std::enable_shared_from_this<merge_run> {
  merge_run(const media_settings& settings,
            std::shared_ptr<const work_order> what, const attempt_info& info,
            worker::callback on_end)
    : with(settings), order(std::move(what)),
      call(call_of(*order, info, with.identity)),
      at(std::make_shared<attempt>(info.timeout, std::move(on_end))),
      folder(with.scratch, "plan-" + std::to_string(order->job_no)) {
    // nop
  }

  const merge_input& in() const {
    return std::get<merge_input>(order->input);
  }

  void begin() {
    at->next([&] {
      return with.pool.post(
        [me = shared_from_this()](const cancel_flag& cancelled) {
          me->plan(cancelled);
        });
    });
  }

  /// What is decided, as files in the store.
  void plan(const cancel_flag& cancelled) {
    line = plan_timeline(in());
    auto cues = make_cues(in().pieces, in().seconds);
    if (!keep("dub.srt", to_srt(cues), out.srt, cancelled)
        || !keep("dub.vtt", to_vtt(cues), out.vtt, cancelled))
      return;
    if (in().options->subtitles && !cues.empty())
      line.plan.subtitles = out.srt;
    artifact plan_file;
    if (keep("plan.json", write_plan(line.plan), plan_file, cancelled))
      merge(plan_file.key);
  }

  void merge(const std::string& plan_key) {
    at->next([&] {
      return with.media.merge_audio(
        call, plan_key, attempt_key(*order, ".mp4"), at->left(),
        [me = shared_from_this()](result<media_file> video) {
          if (!video)
            return me->at->end(video.error());
          me->merged_to(std::move(*video));
        });
    });
  }

  void merged_to(media_file video) {
    at->next([&] {
      return with.pool.post(
        [me = shared_from_this(), video = std::move(video)](
          const cancel_flag& cancelled) { me->report(video, cancelled); });
    });
  }

  void report(const media_file& video, const cancel_flag& cancelled) {
    out.video = {video.key, video.sha256, video.bytes};
    out.seconds = video.seconds;
    auto text = report_text(segment_report(*order, line, video));
    DUBBER_FAIL_POINT("merge.before_event");
    if (keep("report.json", text, out.report, cancelled))
      at->end(work_result{std::move(out)});
  }

  /// Stores a text; when that fails the attempt has ended.
  bool keep(const char* name, const std::string& text, artifact& where,
            const cancel_flag& cancelled) {
    auto file = folder / name;
    std::ofstream written{file, std::ios::binary | std::ios::trunc};
    written << text;
    written.close();
    auto stored
      = written
          ? put_artifact_file(with.store, file, {at->left(), cancelled})
          : fault{fault_code::disk,
                  std::string{"cannot write "} + name
                    + " in the scratch folder: the disk is full or broken",
                  0,
                  {}};
    if (stored)
      where = std::move(*stored);
    else
      at->end(stored.error());
    return static_cast<bool>(stored);
  }

  const media_settings& with;
  std::shared_ptr<const work_order> order;
  media_call call;
  std::shared_ptr<attempt> at;
  scratch_folder folder;
  timeline line;
  merged out;
};

} // namespace

merge_worker::merge_worker(media_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle merge_worker::start(std::shared_ptr<const work_order> order,
                                const attempt_info& info, callback on_end) {
  auto run = std::make_shared<merge_run>(settings_, std::move(order), info,
                                         std::move(on_end));
  auto handle = run->at->handle();
  run->begin();
  return handle;
}

} // namespace dubber
