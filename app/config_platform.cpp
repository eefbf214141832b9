#include "app/config_platform.hpp"

namespace dubber {

namespace {

/// Letters, digits, '-' and '.', as S3 wants it; MinIO and Ceph take '_' too.
bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && is_identifier(name)
         && name.front() != '.' && name.front() != '-';
}

void read_s3(settings_reader& read, config& into) {
  s3_settings s3;
  auto set = [&](const char* name, std::string& value) {
    if (auto text = read.text(name); !text.empty())
      value = text;
  };
  s3.endpoint = "localhost:9000";
  s3.bucket = "videos";
  s3.keys.access_key = "minio";
  s3.keys.secret_key = "minio123";
  set("MINIO_ENDPOINT", s3.endpoint);
  set("MINIO_BUCKET", s3.bucket);
  set("MINIO_ACCESS_KEY", s3.keys.access_key);
  set("MINIO_SECRET_KEY", s3.keys.secret_key);
  set("MINIO_REGION", s3.keys.region);
  if (s3.endpoint.find("://") == std::string::npos)
    s3.endpoint = "http://" + s3.endpoint;
  while (s3.endpoint.ends_with('/'))
    s3.endpoint.pop_back();
  if (auto wrong = service_url_mistake(s3.endpoint); !wrong.empty())
    read.say("MINIO_ENDPOINT", wrong);
  else if (s3.endpoint.find('/', 8) != std::string::npos)
    read.say("MINIO_ENDPOINT", "must not have a path");
  if (!is_bucket(s3.bucket))
    read.say("MINIO_BUCKET",
             "must be a bucket's name: 3 to 63 letters, digits, "
             "'-', '.' or '_'");
  if (!is_identifier(s3.keys.region))
    read.say("MINIO_REGION", "must be letters, digits, '-', '_' or '.'");
  into.s3 = s3;
}

} // namespace

void read_storage(settings_reader& read, config& into) {
  if (auto dir = read.text("DATA_DIR"); !dir.empty())
    into.data_dir = dir;
  into.journal_url = read.text("JOURNAL_URL");
  if (into.journal_url.empty())
    into.journal_url = "sqlite:" + (into.data_dir / "journal.db").string();
  if (into.journal_url.starts_with("sqlite:") && into.journal_url.size() > 7)
    into.journal_path = into.journal_url.substr(7);
  else if (into.journal_url.starts_with("postgres"))
    read.say("JOURNAL_URL", "PostgreSQL is not available in this version");
  else if (into.journal_url != "memory:")
    read.say("JOURNAL_URL", "must be sqlite:PATH or memory:");

  into.store_dir = into.data_dir / "store";
  auto store = read.text("STORE_URL");
  if (store.starts_with("file:") && store.size() > 5)
    into.store_dir = store.substr(5);
  else if (store == "s3")
    read_s3(read, into);
  else if (!store.empty())
    read.say("STORE_URL", "must be file:DIR or s3");
}

void read_broker(settings_reader& read, config& into) {
  if (read.is_there("RABBITMQ_URL"))
    into.rabbitmq_url = read.text("RABBITMQ_URL");
  if (into.rabbitmq_url.empty())
    return;
  auto address = parse_amqp_url(into.rabbitmq_url);
  if (auto wrong = std::get_if<std::string>(&address))
    read.say("RABBITMQ_URL", *wrong);
  else
    into.broker = std::get<amqp_address>(std::move(address));
}

namespace {

/// AMQP's limit; a name without spaces is what Celery's tools can show.
bool is_name(std::string_view text) {
  return text.size() <= 200
         && text.find_first_not_of(
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
              "-_.:")
              == std::string_view::npos;
}

constexpr const char* celery_names[]{"CELERY_QUEUE", "CELERY_EXTRACT_TASK",
                                     "CELERY_MERGE_TASK", "CELERY_REPLY_QUEUE"};

void read_redis(settings_reader& read, const config& into,
                celery_settings& to) {
  if (into.redis_url.empty())
    return read.say("REDIS_URL", "MEDIA_WORKER=celery needs it for results "
                                 "(or CELERY_REPLY_QUEUE)");
  auto address = parse_redis_url(into.redis_url);
  if (auto wrong = std::get_if<std::string>(&address))
    read.say("REDIS_URL", *wrong);
  else
    to.redis = std::get<redis_address>(std::move(address));
}

void read_celery(settings_reader& read, config& into) {
  celery_settings out;
  std::string* const values[]{&out.queue, &out.extract_task, &out.merge_task,
                              &out.reply_queue};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    auto text = read.text(celery_names[i]);
    if (!is_name(text))
      read.say(celery_names[i],
               "must be at most 200 letters, digits, '-', '_', '.' or ':'");
    else if (!text.empty())
      *values[i] = text;
  }
  if (out.reply_queue == out.queue)
    read.say("CELERY_REPLY_QUEUE", "must not be the queue of the tasks");
  // Without a broker of its own mistake.
  if (into.broker)
    out.broker = *into.broker;
  else if (into.rabbitmq_url.empty())
    read.say("RABBITMQ_URL", "MEDIA_WORKER=celery needs a broker");
  if (out.reply_queue.empty())
    read_redis(read, into, out);
  if (!into.s3)
    into.notices.push_back("MEDIA_WORKER=celery with STORE_URL=file: the "
                           "workers have to see the same folder, "
                           + into.store_dir.string());
  into.celery = std::move(out);
}

} // namespace

void read_worker(settings_reader& read, config& into) {
  into.redis_url = read.text("REDIS_URL");
  if (read.text("MEDIA_WORKER") == "cluster")
    read.say("MEDIA_WORKER", "cluster is not available in this version");
  else
    read.choice("MEDIA_WORKER", into.media_worker, {"local", "celery"});
  if (into.media_worker == "celery")
    return read_celery(read, into);
  if (!into.redis_url.empty())
    into.notices.emplace_back(
      "REDIS_URL is set, but has an effect with MEDIA_WORKER=celery only");
  for (auto name : celery_names)
    if (!read.text(name).empty())
      into.notices.push_back(
        std::string{name}
        + " is set, but has an effect with MEDIA_WORKER=celery only");
}

} // namespace dubber
