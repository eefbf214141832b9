/// Settings of the platform around us: bucket, broker, Celery.
#include "tests/support/configs.hpp"

using namespace dubber;
using namespace dubber::test;

TEST_CASE("a bucket: the platform's names and defaults") {
  CHECK(!good({}).s3);
  auto plain = good({{"STORE_URL", "s3"}}).s3;
  REQUIRE(plain);
  CHECK(plain->endpoint == "http://localhost:9000");
  CHECK(plain->bucket == "videos");
  CHECK(plain->keys.access_key == "minio");
  CHECK(plain->keys.secret_key == "minio123");
  CHECK(plain->keys.region == "us-east-1");
  auto other = good({{"STORE_URL", "s3"},
                     {"MINIO_ENDPOINT", "https://s3.example:9/"},
                     {"MINIO_BUCKET", "dubber-videos"}});
  CHECK(other.s3->endpoint == "https://s3.example:9");
  CHECK(other.s3->bucket == "dubber-videos");
  auto mistakes = bad({{"STORE_URL", "s3"},
                       {"MINIO_ENDPOINT", "http://minio:9000/x"},
                       {"MINIO_BUCKET", "a/b"},
                       {"MINIO_REGION", "a b"}});
  CHECK(mistakes.size() == 3);
}

TEST_CASE("an empty RABBITMQ_URL: no broker") {
  CHECK(!good({{"RABBITMQ_URL", ""}}).broker);
}

TEST_CASE("celery: the platform's names and defaults") {
  CHECK(!good({}).celery);
  auto plain = good({{"MEDIA_WORKER", "celery"},
                     {"REDIS_URL", "redis://redis:6379/0"},
                     {"STORE_URL", "s3"}});
  REQUIRE(plain.celery);
  CHECK(plain.notices.empty());
  CHECK(plain.celery->broker.host == "rabbitmq");
  CHECK(plain.celery->queue == "celery");
  CHECK(plain.celery->extract_task == "worker_audio.extract_audio");
  CHECK(plain.celery->merge_task == "worker_audio.merge_audio");
  REQUIRE(plain.celery->redis);
  CHECK(plain.celery->redis->host == "redis");
  auto other = good({{"MEDIA_WORKER", "celery"},
                     {"CELERY_QUEUE", "audio"},
                     {"CELERY_EXTRACT_TASK", "a.b"},
                     {"CELERY_MERGE_TASK", "c.d"},
                     {"CELERY_REPLY_QUEUE", "dubber.results"}});
  CHECK(other.celery->queue == "audio");
  CHECK(other.celery->extract_task == "a.b");
  CHECK(other.celery->merge_task == "c.d");
  CHECK(other.celery->reply_queue == "dubber.results");
  CHECK(!other.celery->redis);
  CHECK(names(other.notices, "the workers have to see the same folder"));
  auto printed = print_config(
    good({{"MEDIA_WORKER", "celery"}, {"REDIS_URL", "redis://:secret@r/1"}}));
  CHECK(printed.find("secret") == std::string::npos);
  CHECK(printed.find("\"REDIS_URL\": \"redis://:***@r/1\"")
        != std::string::npos);
}

TEST_CASE("celery: what it cannot do without is said at once") {
  auto nothing = bad({{"MEDIA_WORKER", "celery"}, {"RABBITMQ_URL", ""}});
  CHECK(nothing.size() == 2);
  CHECK(names(nothing, "RABBITMQ_URL"));
  CHECK(names(nothing, "REDIS_URL"));
  auto wrong = bad({{"MEDIA_WORKER", "celery"},
                    {"RABBITMQ_URL", "http://x"},
                    {"REDIS_URL", "rediss://r"},
                    {"CELERY_QUEUE", "a b"},
                    {"CELERY_EXTRACT_TASK", "a/b"}});
  CHECK(wrong.size() == 4);
  CHECK(names(wrong, "TLS"));
  CHECK(
    names(bad({{"MEDIA_WORKER", "celery"}, {"CELERY_REPLY_QUEUE", "celery"}}),
          "CELERY_REPLY_QUEUE"));
  CHECK(names(good({{"CELERY_QUEUE", "x"}}).notices, "CELERY_QUEUE"));
}
