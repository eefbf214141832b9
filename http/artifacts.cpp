#include "core/languages.hpp"
#include "http/handlers.hpp"
#include "http/range.hpp"
#include "http/uri.hpp"

#include <algorithm>

namespace dubber {

namespace {

/// What can be had of a job: the name in the path, and how it is handed out.
struct artifact_kind {
  std::string_view name;
  std::string_view content_type;
  std::string_view extension; ///< of the suggested file name
  bool shown = false;         ///< in the browser rather than saved
};

constexpr artifact_kind kinds[] = {
  {"video", "video/mp4", "mp4"},
  {"srt", "application/x-subrip; charset=utf-8", "srt"},
  {"vtt", "text/vtt; charset=utf-8", "vtt"},
  {"report", "application/json", "json", true},
  {"report_html", "text/html; charset=utf-8", "html", true},
  {"audio", "audio/wav", "wav"},
};

/// Of what all jobs have; else null.
const artifact_kind* usual_kind(std::string_view name) {
  auto kind = std::find_if(std::begin(kinds), std::end(kinds),
                           [&](auto& k) { return k.name == name; });
  return kind == std::end(kinds) ? nullptr : kind;
}

/// What has no other kind is a file that a stage of one's own answered with.
artifact_kind kind_of(std::string_view name) {
  auto usual = usual_kind(name);
  return usual ? *usual
               : artifact_kind{name, "application/octet-stream", "bin"};
}

bool may_have(const job_view& job, std::string_view name) {
  return usual_kind(name)
         || std::any_of(job.stages.begin(), job.stages.end(), [&](auto& x) {
              return x.kind == "http" && x.name == name;
            });
}

/// The job has nothing of that name, and will not.
http_answer no_such_name(const job_view& job) {
  std::string all;
  for (auto& k : kinds)
    all += (all.empty() ? "" : ", ") + std::string{k.name};
  for (auto& [name, key] : job.artifacts)
    if (!usual_kind(name))
      all += ", " + name;
  return problem(404, "not_found", "there are these: " + all);
}

http_answer absent(const job_view& job, const artifact_kind& kind,
                   const std::string& language) {
  auto id = std::to_string(job.row.job_id);
  auto state = std::string{to_string(job.row.status)};
  auto in = language.empty() ? std::string{} : " in " + language;
  auto out = problem(404, "no_artifact",
                     "job " + id + " has no " + std::string{kind.name} + in
                       + ": it is " + state
                       + (is_final(job.row.status) ? "" : ", so it may yet"));
  out.trouble->retryable = !is_final(job.row.status);
  out.trouble->more = {{"state", state}};
  return out;
}

std::string language_in(const http_call_in& call) {
  auto query = parse_query(call.query);
  auto i = query.find("language");
  return i == query.end() ? std::string{} : i->second;
}

/// Null: the job has no such language.
const std::map<std::string, std::string>*
artifacts_in(const job_view& job, const std::string& language) {
  if (language.empty())
    return &job.artifacts;
  for (auto& x : job.results)
    if (is_same_language(x.language, language))
      return &x.artifacts;
  return nullptr;
}

http_answer no_such_language(const job_view& job, const std::string& language) {
  std::string all;
  for (auto& x : job.results)
    all += (all.empty() ? "" : ", ") + x.language;
  return problem(404, "not_found",
                 "the job is not dubbed into " + language.substr(0, 64)
                   + ", but " + all);
}

http_answer unreadable(const fault& why) {
  if (why.code == fault_code::not_found)
    return problem(404, "no_artifact",
                   "the file is not kept any more: " + why.message);
  return unavailable("store_away", why.message, 5);
}

/// The store hands it out itself.
http_answer elsewhere(const std::string& url) {
  http_answer out;
  out.status = 307;
  out.headers.emplace_back("Location", url);
  out.headers.emplace_back("Cache-Control", "no-store"); // it is a secret
  return out;
}

http_answer handed_out(const route_settings& with, const http_call_in& call,
                       const artifact_kind& kind, const query_answer& found) {
  if (auto why = std::get_if<fault>(&found))
    return refused(*why);
  auto& job = std::get<job_view>(found);
  auto language = language_in(call);
  auto artifacts = artifacts_in(job, language);
  if (!artifacts)
    return no_such_language(job, language);
  auto at = artifacts->find(std::string{kind.name});
  if (at == artifacts->end())
    return may_have(job, kind.name) ? absent(job, kind, language)
                                    : no_such_name(job);
  auto& key = at->second;
  auto name = "job_" + std::to_string(job.row.job_id) + "_"
              + (language.empty() ? "" : language + "_")
              + std::string{kind.name} + "." + std::string{kind.extension};
  auto disposition = std::string{kind.shown ? "inline" : "attachment"}
                     + "; filename=\"" + name + "\"";
  if (with.presign)
    return elsewhere(
      with.presign(key, std::string{kind.content_type}, disposition));
  if (!with.locate)
    return problem(404, "no_artifact",
                   "the store does not hand out files: its key is " + key);
  auto path = with.locate(key);
  if (!path)
    return unreadable(path.error());
  auto file = http_file::open(*path);
  if (!file)
    return unreadable(file.error());
  auto out
    = file_answer(call, std::move(*file), std::string{kind.content_type});
  out.headers.emplace_back("Content-Disposition", disposition);
  // What was said in the video is shown, never run.
  out.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; "
                           "media-src 'self'; sandbox");
  return out;
}

void give(const route_scope& scope, std::string_view name) {
  auto id = job_id_of(scope);
  if (!id)
    return;
  job_query ask;
  ask.job_id = *id;
  scope.with.jobs.ask(ask, [&with = scope.with, call = scope.call,
                            name = std::string{name},
                            to = scope.to](query_answer found) {
    to.later([&with, call, name, found = std::move(found)] {
      return handed_out(with, call, kind_of(name), found);
    });
  });
}

} // namespace

void show_report(const route_scope& scope) {
  give(scope, "report");
}

void show_artifact(const route_scope& scope) {
  give(scope, scope.values.at(1));
}

} // namespace dubber
