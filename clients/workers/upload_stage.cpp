#include "clients/dub_report.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/store_calls.hpp"
#include "clients/workers/attempt.hpp"
#include "clients/workers/media.hpp"
#include "core/fail_point.hpp"

#include <fstream>

namespace dubber {

namespace {

/// `dubbed_7` in the gateway's language, `dubbed_7.de` in a further one.
std::string name_of(const work_order& order) {
  auto out = "dubbed_" + std::to_string(order.job_id);
  auto& language = std::get<upload_input>(order.input).language;
  return language.empty() ? out : out + "." + language;
}

struct upload_run : std::enable_shared_from_this<upload_run> {
  upload_run(const media_settings& settings,
             std::shared_ptr<const work_order> what, ms timeout,
             worker::callback on_end)
    : with(settings), order(std::move(what)),
      at(std::make_shared<attempt>(timeout, std::move(on_end))),
      folder(with.scratch, "upload-" + std::to_string(order->job_no)),
      name(name_of(*order)) {
    // nop
  }

  const upload_input& in() const {
    return std::get<upload_input>(order->input);
  }

  void begin() {
    at->next([&] {
      return with.pool.post(
        [me = shared_from_this()](const cancel_flag& cancelled) {
          me->put_what_lies_beside({me->at->left(), cancelled});
        });
    });
  }

  void put_what_lies_beside(const task_clock& clock) {
    auto report = read_report(clock);
    if (!report)
      return at->end(report.error());
    add_facts(*report, in().facts);
    if (put("report", ".report.json", report_text(*report), clock)
        && put("report_html", ".report.html", report_page(*report), clock)
        && copy("srt", in().result->srt.key, ".srt", clock)
        && copy("vtt", in().result->vtt.key, ".vtt", clock))
      copy_video();
  }

  void copy_video() {
    out.output_object_key = name + ".mp4";
    at->next([&] {
      return with.store.copy(in().result->video.key, out.output_object_key,
                             at->left(),
                             [me = shared_from_this()](result<artifact> r) {
                               DUBBER_FAIL_POINT("upload.before_event");
                               if (r)
                                 me->at->end(work_result{std::move(me->out)});
                               else
                                 me->at->end(r.error());
                             });
    });
  }

  result<nlohmann::json> read_report(const task_clock& clock) {
    auto file = fetch_artifact(with.store, in().result->report,
                               folder / "report.json", clock);
    if (!file)
      return file.error();
    std::ifstream text{file->path, std::ios::binary};
    auto report = nlohmann::json::parse(text, nullptr, false);
    if (!report.is_object())
      return fault{
        fault_code::internal, "the merge's report is not JSON", 0, {}};
    return report;
  }

  // Each of these ends the attempt when it fails.

  bool put(const char* what, const char* extension, const std::string& text,
           const task_clock& clock) {
    auto file = folder / (name + extension);
    std::ofstream written{file, std::ios::binary | std::ios::trunc};
    written << text;
    written.close();
    auto stored
      = written
          ? put_file(with.store, file, name + extension, clock)
          : fault{fault_code::disk,
                  "cannot write the report in the scratch folder: the disk is "
                  "full or broken",
                  0,
                  {}};
    return took(what, stored);
  }

  bool copy(const char* what, const std::string& from, const char* extension,
            const task_clock& clock) {
    return took(what, copy_file(with.store, from, name + extension, clock));
  }

  bool took(const char* what, const result<artifact>& stored) {
    if (stored)
      out.files[what] = stored->key;
    else
      at->end(stored.error());
    return static_cast<bool>(stored);
  }

  const media_settings& with;
  std::shared_ptr<const work_order> order;
  std::shared_ptr<attempt> at;
  scratch_folder folder;
  std::string name;
  uploaded out;
};

} // namespace

upload_worker::upload_worker(media_settings settings)
  : settings_(std::move(settings)) {
  // nop
}

call_handle upload_worker::start(std::shared_ptr<const work_order> order,
                                 const attempt_info& info, callback on_end) {
  auto run = std::make_shared<upload_run>(settings_, std::move(order),
                                          info.timeout, std::move(on_end));
  auto handle = run->at->handle();
  run->begin();
  return handle;
}

} // namespace dubber
