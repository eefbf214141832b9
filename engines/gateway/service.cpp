#include "engines/gateway/notifier.hpp"
#include "engines/gateway/rules.hpp"
#include "engines/http_service.hpp"

#include <fcntl.h>
#include <openssl/hmac.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

namespace dubber {

namespace {

namespace fs = std::filesystem;

constexpr uint64_t largest_upload = 5'000'000'000;
constexpr time_t url_lifetime_s = 3600;
constexpr int64_t most_told_again = 500;

class gateway_service : public engine {
public:
  explicit gateway_service(const engine_options& options)
    : store_(fs::absolute(options.store)), incoming_(store_ / ".incoming"),
      jobs_(options.data / "gateway.sqlite"), notifier_(options.orchestrator),
      places_(options.queue), secret_(random_name()) {
    fs::create_directories(store_);
    fs::remove_all(incoming_); // what a crash left
    fs::create_directories(incoming_);
    // Those that an orchestrator was not told of before the last stop; to the
    // others a second message means nothing.
    for (auto id : jobs_.queued(most_told_again))
      notifier_.job_saved(id);
  }

  void mount(httplib::Server& server) override {
    using httplib::ContentReader;
    using httplib::Request;
    using httplib::Response;
    server.Post("/api/v1/upload",
                [this](const Request& request, Response& response,
                       const ContentReader& reader) {
                  admission::place place{places_, response};
                  if (place)
                    upload(request, response, reader);
                });
    server.Get(R"(/api/v1/job/(\d{1,18}))",
               [this](const Request& request, Response& response) {
                 if (auto job = find(request, response))
                   answer_json(response, 200, job_json(*job));
               });
    server.Patch(R"(/api/v1/job/(\d{1,18}))",
                 [this](const Request& request, Response& response,
                        const ContentReader& reader) {
                   patch(request, response, reader);
                 });
    server.Get(R"(/api/v1/job/(\d{1,18})/download)",
               [this](const Request& request, Response& response) {
                 download(request, response);
               });
    server.Post(
      R"(/api/v1/job/(\d{1,18})/cleanup)",
      [this](const Request& request, Response& response, const ContentReader&) {
        // httplib would wait for the body of a POST that has none.
        cleanup(request, response);
      });
    server.Get("/store/(.+)",
               [this](const Request& request, Response& response) {
                 fetch(request, response);
               });
  }

private:
  std::optional<gateway_job> find(const httplib::Request& request,
                                  httplib::Response& response) {
    auto job = jobs_.find(std::stoll(request.matches[1].str()));
    if (!job)
      answer_json(response, 404,
                  {{"error", "Job not found"}, {"code", "JOB_NOT_FOUND"}});
    return job;
  }

  void upload(const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader& reader) {
    auto part = incoming_ / random_name();
    auto form = receive_form(request, response, reader, part, largest_upload);
    std::error_code ignored; // an unfinished file is swept at the next start
    if (!form) {
      fs::remove(part, ignored);
      return;
    }
    auto name = upload_name(form->file_name);
    std::string wrong;
    if (form->bytes == 0)
      wrong = "File is empty";
    else if (!video_extension(name))
      wrong = "Unsupported file type (mp4, avi, mkv, mov, flv, webm)";
    else if (form->fields["targetLang"].empty())
      wrong = "targetLang is required";
    if (!wrong.empty()) {
      fs::remove(part, ignored);
      return answer_json(response, 400, {{"error", wrong}});
    }
    gateway_job job;
    job.source_key = keep(part, name);
    job.target_language = form->fields["targetLang"];
    if (!form->fields["options"].empty())
      job.options_json = form->fields["options"];
    auto id = jobs_.insert(job);
    notifier_.job_saved(id);
    answer_json(response, 200,
                {{"status", "QUEUED"},
                 {"jobId", id},
                 {"message", "Video uploaded, dubbing is queued"}});
  }

  /// Gives a complete upload its key. The name is reserved first: a rename
  /// alone would replace another upload of the same millisecond.
  std::string keep(const fs::path& part, const std::string& name) {
    auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
    for (auto ms = now.count();; ++ms) {
      auto key = std::to_string(ms) + "_" + name;
      auto path = store_ / key;
      auto fd
        = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
      if (fd < 0 && errno == EEXIST)
        continue;
      if (fd < 0)
        throw std::runtime_error(std::string{"store: "} + std::strerror(errno));
      ::close(fd);
      fs::rename(part, path);
      return key;
    }
  }

  void patch(const httplib::Request& request, httplib::Response& response,
             const httplib::ContentReader& reader) {
    auto body = read_json(request, response, reader);
    if (!body)
      return answer_json(response, 500, {{"error", "unreadable request"}});
    auto id = request.matches[1].str();
    auto job = jobs_.find(std::stoll(id));
    auto wrong = job ? apply_patch(*job, *body) : "Job not found: " + id;
    if (!wrong.empty())
      return answer_json(response, 500, {{"error", wrong}});
    jobs_.save(*job);
    answer_json(response, 200, job_json(*jobs_.find(job->id)));
  }

  std::string signature(const std::string& key, const std::string& expires) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    auto text = expires + "\n" + key;
    HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest, &size);
    std::string out;
    char hex[3];
    for (unsigned i = 0; i < size; ++i) {
      std::snprintf(hex, sizeof hex, "%02x", digest[i]);
      out += hex;
    }
    return out;
  }

  /// The name under which the client reached us: behind a container's port it
  /// is another than ours.
  static std::string host_of(const httplib::Request& request) {
    auto host = request.get_header_value("Host");
    if (plain_host(host))
      return host;
    auto ip = request.local_addr;
    if (ip.find(':') != std::string::npos)
      ip = "[" + ip + "]";
    return ip + ":" + std::to_string(request.local_port);
  }

  void download(const httplib::Request& request, httplib::Response& response) {
    auto job = find(request, response);
    if (!job)
      return;
    if (!safe_key(job->output_key))
      return answer_json(response, 400, {{"error", "Video is not ready"}});
    auto expires = std::to_string(std::time(nullptr) + url_lifetime_s);
    auto host = host_of(request);
    answer_json(
      response, 200,
      {{"url", "http://" + host + "/store/" + url_encode(job->output_key)
                 + "?expires=" + expires
                 + "&signature=" + signature(job->output_key, expires)}});
  }

  void fetch(const httplib::Request& request, httplib::Response& response) {
    auto key = request.matches[1].str();
    auto expires = request.get_param_value("expires");
    bool digits
      = !expires.empty() && expires.size() <= 12
        && expires.find_first_not_of("0123456789") == std::string::npos;
    auto given = request.get_param_value("signature");
    auto wanted = signature(key, expires);
    bool good = digits && safe_key(key) && given.size() == wanted.size()
                && CRYPTO_memcmp(given.data(), wanted.data(), given.size()) == 0
                && std::stoll(expires) >= std::time(nullptr);
    if (!good) {
      const_cast<httplib::Request&>(request).ranges.clear();
      return answer_json(response, 403, {{"error", "Access denied"}});
    }
    if (!answer_file(request, response, store_ / key, "video/mp4")) {
      const_cast<httplib::Request&>(request).ranges.clear();
      answer_json(response, 404, {{"error", "No such key"}});
    }
  }

  void cleanup(const httplib::Request& request, httplib::Response& response) {
    auto job = find(request, response);
    if (!job)
      return;
    for (auto* key : {&job->source_key, &job->output_key}) {
      auto path = store_ / *key;
      if (safe_key(*key) && fs::is_regular_file(fs::symlink_status(path)))
        fs::remove(path);
      key->clear();
    }
    if (request.get_param_value("deleteRecord") == "true")
      jobs_.remove(job->id);
    else
      jobs_.save(*job);
    answer_json(response, 200, {{"message", "Job files deleted"}});
  }

  fs::path store_;
  fs::path incoming_;
  job_table jobs_;
  notifier notifier_;
  admission places_;
  std::string secret_;
};

} // namespace

std::unique_ptr<engine> make_gateway(const engine_options& options) {
  return std::make_unique<gateway_service>(options);
}

} // namespace dubber
