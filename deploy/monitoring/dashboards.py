"""The three dashboards: what the county does, what its events do, what its processes do."""

from __future__ import annotations

from deploy.monitoring.panels import HERE, Dashboard, Panel, row

DAY = 86_400
OK, WARN, BAD = "green", "orange", "red"
SEEN = f'view!~"livez|readyz|metrics|(.+[.])?static", {HERE}'

SLOWEST = (
    f"topk(10, sum by (namespace, view) (rate(zhida_http_request_seconds_sum{{{SEEN}}}[10m]))"
    f" / sum by (namespace, view) (rate(zhida_http_request_seconds_count{{{SEEN}}}[10m])))"
)


def zero(bad: float = 1, colour: str = BAD) -> tuple[tuple[float | None, str], ...]:
    """Green at nothing, coloured from `bad` on."""
    return ((None, OK), (bad, colour))


def limits(warn: float, bad: float) -> tuple[tuple[float | None, str], ...]:
    """Green, then orange, then red."""
    return ((None, OK), (warn, WARN), (bad, BAD))


def stat(title: str, about: str, query: str, unit: str, steps: tuple[tuple[float | None, str], ...]) -> Panel:
    """One number, coloured."""
    return Panel(title=title, about=about, queries=[(query, "{{namespace}}")], unit=unit, kind="stat", width=4, steps=steps)


def lines(title: str, about: str, *queries: tuple[str, str], unit: str = "short", width: int = 8) -> Panel:
    """Curves over time."""
    return Panel(title=title, about=about, queries=queries, unit=unit, width=width)


COUNTY = Dashboard(
    uid="zhida-county", title="直达 · 办理情况", since="now-7d",
    about="在办、超期、待阅批；阅批用时。What is in hand, what is late and where, and how fast it is read.",
    panels=[
        stat("在办", "有事项未办结的信访件。Cases in which anybody owes something.", f"zhida:cases_open{{{HERE}}}", "short", ((None, OK),)),
        stat("待阅批", "等候第一责任人阅批的信访件。Cases that wait for the first-in-command.", f"zhida:cases_to_review{{{HERE}}}", "short",
             limits(20, 50)),
        stat("最久未阅", "最早一件未阅信访件已等候的时间。Age of the oldest unreviewed case.", f"zhida:oldest_unreviewed_seconds{{{HERE}}}", "s",
             limits(DAY, 3 * DAY)),
        stat("超期事项", "已到期限仍未办的事项。Limits that are over and still owed.", f"sum by (namespace) (zhida:limits_overdue{{{HERE}}})",
             "short", zero()),
        stat("期限已到未报", "应为零。A deadline that is due and told to nobody.",
             f"max by (namespace) (zhida_deadline_unfired_seconds{{{HERE}}})", "s", zero(60)),
        stat("工作日历剩余", "到期前须录入下一年度节假日。Until the working calendar ends.",
             f"max by (namespace) (zhida_calendar_left_seconds{{{HERE}}})", "s", ((None, BAD), (30 * DAY, WARN), (90 * DAY, OK))),
        row("在办与超期"),
        Panel(title="各乡镇超期", about="按机构代码的乡镇段合计。Overdue limits by township; 431023 is the county's own units.", kind="bargauge", width=12,
              queries=[(f"sort_desc(zhida:limits_overdue:by_township{{{HERE}}})", "{{township}}")], steps=zero()),
        lines("各单位在办", "有事项未办结的信访件数。Cases in which a unit owes something.", (f"zhida:cases_owing{{{HERE}}}", "{{unit}}"), width=12),
        lines("超期走势", "每个单位的超期事项。Overdue limits by unit.", (f"zhida:limits_overdue{{{HERE}}}", "{{unit}}"), width=12),
        lines("到期与预警", "每小时报出的到期、预警；未能编制的报告。Deadlines told of in an hour; reports that could not be drawn.",
              (f"sum by (namespace, kind, late) (increase(zhida_deadlines_fired_total{{{HERE}}}[1h]))", "{{kind}} late={{late}}"),
              (f"max by (namespace) (zhida_reports_failing{{{HERE}}})", "未能编制的报告"), width=12),
        row("零时差"),
        lines("阅批用时", "登记到第一责任人首次阅看，近一日。From registration to the first reading, last day.",
              (f"zhida:time_to_review_seconds:p50_1d{{{HERE}}}", "p50 {{namespace}}"),
              (f"zhida:time_to_review_seconds:p90_1d{{{HERE}}}", "p90 {{namespace}}"), unit="s"),
        lines("交办用时", "阅看到首次交办。From reading to dispatch.",
              (f"histogram_quantile(0.9, sum by (namespace, le) (increase(zhida_routing_time_to_dispatch_seconds_bucket{{{HERE}}}[1d])))",
               "p90 {{namespace}}"), unit="s"),
        lines("签收用时", "交办到首次签收。From dispatch to receipt.",
              (f"histogram_quantile(0.9, sum by (namespace, le) (increase(zhida_routing_time_to_receipt_seconds_bucket{{{HERE}}}[1d])))",
               "p90 {{namespace}}"), unit="s"),
        row("渠道"),
        lines("登记", "每小时登记的信访件，按渠道。Petitions registered in an hour.",
              (f"sum by (namespace, channel) (increase(zhida_petitions_registered_total{{{HERE}}}[1h]))", "{{channel}}"), width=12),
        lines("通知等候", "给信访人、给干部最早一条未发通知。The oldest message to a petitioner, and to an official.",
              (f"max by (namespace) (zhida_oldest_message_seconds{{{HERE}}})", "信访人 {{namespace}}"),
              (f"max by (namespace) (zhida_routing_oldest_alert_message_seconds{{{HERE}}})", "干部 {{namespace}}"), unit="s", width=12),
        lines("邮箱与网站", "距上次读取成功。Since a mail box, a board, was last read.",
              (f"time() - max by (namespace, account) (zhida_mailbox_last_success_timestamp{{{HERE}}})", "{{account}}"),
              (f"time() - max by (namespace, board) (zhida_board_last_success_timestamp{{{HERE}}})", "{{board}}"), unit="s", width=12),
        lines("值班空档与未回来电", "七日内无人值守的时长；逾期未回的来电。Hours nobody is on duty; missed callers.",
              (f"max by (namespace, line) (zhida_duty_gap_seconds{{{HERE}}}) / 3600", "空档（小时）{{line}}"),
              (f"max by (namespace) (zhida_call_backs{{state=\"overdue\", {HERE}}})", "逾期未回"), width=12),
    ],
)  # fmt: skip

EVENTS = Dashboard(
    uid="zhida-events", title="直达 · 事件", about="事件从产生到生效：发件箱、消息代理、收件、搁置、期限。The way of events, from change to effect.",
    panels=[
        stat("最早未发", "本机构最早一条未发出的事件。Age of the oldest event that has not left.",
             f'max by (namespace) (zhida:outbox_age_seconds{{destination!~"link:.+", {HERE}}})', "s", limits(10, 60)),
        stat("上级链路", "发往上级最早一条未发出的事件。The same towards the superior.",
             f'max by (namespace) (zhida:outbox_age_seconds{{destination=~"link:.+", {HERE}}})', "s", limits(60, 300)),
        stat("搁置", "失败、有毒、不可读。Failed, poisonous or unreadable events.",
             f'sum by (namespace) (zhida:parked_events{{reason=~"failed|poison|unreadable", {HERE}}})', "short", zero()),
        stat("等候前因", "前因事件未到。Events whose cause has not come.",
             f'sum by (namespace) (zhida:parked_events{{reason=~"not_yet|waiting", {HERE}}})', "short", zero(1, WARN)),
        stat("发送者", "应与服务数相等。Relays that lead; as many as there are services.", f"sum by (namespace) (zhida_relay_leads{{{HERE}}})", "short",
             ((None, BAD), (1, OK))),
        stat("未连接组件", "应为零。Parts that are up nowhere.",
             f"sum by (namespace) (1 - max by (namespace, part) (zhida_part_up{{{HERE}}}))", "short", zero()),
        row("发出"),
        lines("发件箱", "最早一条未发事件，按服务和去向。Age of the outbox.", (f"zhida:outbox_age_seconds{{{HERE}}}", "{{service}} → {{destination}}"), unit="s"),
        lines("确认", "每秒发出的事件，按消息代理的答复。Events by the broker's answer.",
              (f"sum by (namespace, service, outcome) (rate(zhida_events_published_total{{{HERE}}}[5m]))", "{{service}} {{outcome}}"), unit="ops"),
        lines("确认用时", "一批全部确认的时间，p99。Time until a batch is confirmed.",
              (f"zhida:confirm_seconds:p99_10m{{{HERE}}}", "{{service}} → {{destination}}"), unit="s"),
        lines("封存", "每秒封入日志的事件。Events sealed.", (f"sum by (namespace, service) (rate(zhida_events_sealed_total{{{HERE}}}[5m]))", "{{service}}"),
              unit="ops"),
        lines("发送故障", "十分钟内的退避和停滞。Back-offs and stalled streams in ten minutes.",
              (f"sum by (namespace, service, fault) (increase(zhida_relay_faults_total{{{HERE}}}[10m]))", "{{service}} {{fault}}"),
              (f"sum by (namespace, service) (increase(zhida_streams_stalled_total{{{HERE}}}[10m]))", "{{service}} 停滞")),
        lines("队列", "队列中的消息。Messages that lie in queues.", (f"zhida:queue_messages{{{HERE}}}", "{{queue}}")),
        row("生效"),
        lines("处理", "每秒收到的事件，按结果。Events by what became of them.", (f"zhida:events_handled:rate5m{{{HERE}}}", "{{service}} {{outcome}}"), unit="ops"),
        lines("滞后", "从变更到生效，p99。From change to effect.", (f"zhida:event_lag_seconds:p99_10m{{{HERE}}}", "{{service}}"), unit="s"),
        lines("搁置", "搁置的事件，按原因。Parked events by reason.", (f"zhida:parked_events{{{HERE}}}", "{{service}} {{reason}}")),
        lines("收件忙碌", "处理批次所占的时间。Share of time spent in batches: 1 is all of it.", (f"zhida:batch_busy:ratio5m{{{HERE}}}", "{{service}}"),
              unit="percentunit"),
        lines("期限准点", "应报到实报的时间，p99。From due to told.",
              (f"histogram_quantile(0.99, sum by (namespace, le) (increase(zhida_deadline_lateness_seconds_bucket{{{HERE}}}[1h])))", "{{namespace}}"),
              unit="s"),
        lines("定时任务", "距上次运行。Since a timer last ran.",
              (f"time() - max by (namespace, service, timer) (zhida_timer_last_run_timestamp_seconds{{{HERE}}})", "{{service}} {{timer}}"), unit="s"),
        lines("定时任务失败", "十分钟内失败的次数。Runs of timers that failed in ten minutes.",
              (f"sum by (namespace, service, timer) (increase(zhida_timer_runs_total{{result=\"failed\", {HERE}}}[10m]))", "{{service}} {{timer}}"),
              width=12),
        lines("重新绑定", "一小时内缺失而重建的绑定。Bindings that were missing and made again.",
              (f"sum by (namespace, service) (increase(zhida_bindings_missing_total{{{HERE}}}[1h]))", "{{service}}"), width=12),
    ],
)  # fmt: skip

PROCESSES = Dashboard(
    uid="zhida-processes", title="直达 · 进程", about="网页的请求、出错、用时；连接、线程、内存、处理器。RED for pages, USE for what they share.",
    panels=[
        row("网页"),
        lines("请求", "每秒请求，按答复类别。Requests by class of answer.", (f"zhida:http_requests:rate5m{{{HERE}}}", "{{namespace}} {{status}}"), unit="reqps"),
        lines("出错", "出错的比例，十分钟。Share that we failed.", (f"zhida:http_errors:ratio10m{{{HERE}}}", "{{namespace}}"), unit="percentunit"),
        lines("用时", "中位数和 p95。Time to answer: median and p95.",
              (f"histogram_quantile(0.5, sum by (namespace, le) (rate(zhida_http_request_seconds_bucket{{{SEEN}}}[10m])))", "p50 {{namespace}}"),
              (f"zhida:http_seconds:p95_10m{{{HERE}}}", "p95 {{namespace}}"), unit="s"),
        lines("最慢的页面", "平均用时最长的十个。The ten slowest views, on average.",
              (SLOWEST, "{{view}}"), unit="s", width=12),
        lines("线程", "正在答复的请求，每个进程八个线程。Requests in progress; a process has eight threads.",
              (f"max by (namespace, pod) (avg_over_time(zhida_http_requests_in_progress{{{HERE}}}[5m]))", "{{pod}}"), width=12),
        row("数据库连接"),
        lines("使用", "已用连接的比例。Utilisation.", (f"zhida:pool_busy:ratio{{{HERE}}}", "{{pod}} {{service}}"), unit="percentunit"),
        lines("等候", "每秒等候连接的秒数。Saturation: callers that wait at any time.",
              (f"sum by (namespace, pod, service) (rate(zhida_pool_wait_seconds_total{{{HERE}}}[5m]))", "{{pod}} {{service}}")),
        lines("耗尽", "五秒内没有空出连接。Errors: no connection within five seconds.",
              (f"sum by (namespace, pod, service) (increase(zhida_pool_exhausted_total{{{HERE}}}[10m]))", "{{pod}} {{service}}")),
        row("进程"),
        lines("内存", "占限额的比例。Share of what deploy/k8s allows.", (f"zhida:memory:ratio{{{HERE}}}", "{{pod}}"), unit="percentunit"),
        lines("处理器", "占用的核数。Cores.", (f"rate(process_cpu_seconds_total{{job=~\"(.+/)?zhida\", {HERE}}}[5m])", "{{pod}}")),
        lines("文件描述符", "已打开的比例。Share of file descriptors.",
              (f"process_open_fds{{job=~\"(.+/)?zhida\", {HERE}}} / process_max_fds{{job=~\"(.+/)?zhida\", {HERE}}}", "{{pod}}"), unit="percentunit"),
        lines("启动", "半小时内的重启。Restarts in half an hour.",
              (f"max by (namespace, pod) (changes(process_start_time_seconds{{job=~\"(.+/)?zhida\", {HERE}}}[30m]))", "{{pod}}")),
        lines("组件", "1：已连接。Parts that are up.", (f"max by (namespace, part) (zhida_part_up{{{HERE}}})", "{{part}}")),
        lines("无权打开", "干部试图打开无权查看的信访件，每小时。Tries to open what one may not see.",
              (f"sum by (namespace) (increase(zhida_hidden_cases_refused_total{{{HERE}}}[1h]))", "{{namespace}}")),
    ],
)  # fmt: skip

DASHBOARDS = (COUNTY, EVENTS, PROCESSES)
