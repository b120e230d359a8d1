#include "cdashboard.h"

// #embed is of C23; the compilers of all toolchains that build this package have it.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char actions_js[] = {
#embed "web/actions.js"
};
static const unsigned char api_js[] = {
#embed "web/api.js"
};
static const unsigned char app_js[] = {
#embed "web/app.js"
};
static const unsigned char audit_js[] = {
#embed "web/audit.js"
};
static const unsigned char cluster_js[] = {
#embed "web/cluster.js"
};
static const unsigned char dom_js[] = {
#embed "web/dom.js"
};
static const unsigned char facts_js[] = {
#embed "web/facts.js"
};
static const unsigned char format_js[] = {
#embed "web/format.js"
};
static const unsigned char icon_svg[] = {
#embed "web/icon.svg"
};
static const unsigned char index_html[] = {
#embed "web/index.html"
};
static const unsigned char job_js[] = {
#embed "web/job.js"
};
static const unsigned char jobs_js[] = {
#embed "web/jobs.js"
};
static const unsigned char live_js[] = {
#embed "web/live.js"
};
static const unsigned char login_js[] = {
#embed "web/login.js"
};
static const unsigned char members_js[] = {
#embed "web/members.js"
};
static const unsigned char planlayout_js[] = {
#embed "web/planlayout.js"
};
static const unsigned char planpicture_js[] = {
#embed "web/planpicture.js"
};
static const unsigned char queue_js[] = {
#embed "web/queue.js"
};
static const unsigned char state_js[] = {
#embed "web/state.js"
};
static const unsigned char style_css[] = {
#embed "web/style.css"
};
static const unsigned char table_js[] = {
#embed "web/table.js"
};
static const unsigned char tasks_js[] = {
#embed "web/tasks.js"
};
static const unsigned char throughput_js[] = {
#embed "web/throughput.js"
};
static const unsigned char timeline_js[] = {
#embed "web/timeline.js"
};
static const unsigned char workers_js[] = {
#embed "web/workers.js"
};
static const unsigned char workertable_js[] = {
#embed "web/workertable.js"
};

#define FILE_OF(symbol, name) {name, symbol, sizeof symbol}

static const cdashboard_file files[] = {
    FILE_OF(actions_js, "actions.js"),
    FILE_OF(api_js, "api.js"),
    FILE_OF(app_js, "app.js"),
    FILE_OF(audit_js, "audit.js"),
    FILE_OF(cluster_js, "cluster.js"),
    FILE_OF(dom_js, "dom.js"),
    FILE_OF(facts_js, "facts.js"),
    FILE_OF(format_js, "format.js"),
    FILE_OF(icon_svg, "icon.svg"),
    FILE_OF(index_html, "index.html"),
    FILE_OF(job_js, "job.js"),
    FILE_OF(jobs_js, "jobs.js"),
    FILE_OF(live_js, "live.js"),
    FILE_OF(login_js, "login.js"),
    FILE_OF(members_js, "members.js"),
    FILE_OF(planlayout_js, "planlayout.js"),
    FILE_OF(planpicture_js, "planpicture.js"),
    FILE_OF(queue_js, "queue.js"),
    FILE_OF(state_js, "state.js"),
    FILE_OF(style_css, "style.css"),
    FILE_OF(table_js, "table.js"),
    FILE_OF(tasks_js, "tasks.js"),
    FILE_OF(throughput_js, "throughput.js"),
    FILE_OF(timeline_js, "timeline.js"),
    FILE_OF(workers_js, "workers.js"),
    FILE_OF(workertable_js, "workertable.js"),
};

cdashboard_file cdashboard_file_at(size_t number) {
  const cdashboard_file none = {NULL, NULL, 0};
  return number < sizeof files / sizeof *files ? files[number] : none;
}
