"""What a replayed county's petitions, instructions and replies say, and who writes. Every name is invented."""

from __future__ import annotations

from typing import NamedTuple

from deploy.replay.course import Round
from deploy.replay.lots import Lots
from services.intake.domain.submission import Identity, Petitioner


class Matter(NamedTuple):
    """What a petition is about: its category, the unit whose business it is (None: the township), its title, brief and words."""

    category: str
    unit: str | None
    title: str
    brief: str
    text: str


MATTERS = (
    Matter("environment.water", "-epb", "养殖场排污", "反映养殖场粪水直排水渠，要求查处。", "村边养殖场的粪水直接排进水渠，下游几十户没法用水，请管一管。"),
    Matter("environment.noise", "-epb", "夜间施工噪声", "反映工地夜间施工噪声扰民，要求限时。", "工地夜里十二点还在打桩，老人孩子睡不好，请限定施工时间。"),
    Matter("environment.air", "-epb", "砖厂烟尘", "反映砖厂烟尘污染，要求整治。", "砖厂的烟尘落满院子，衣服都不敢晒在外面，请督促整改。"),
    Matter("land.compensation", "-lrb", "征地补偿款", "反映征地补偿款未足额发放，要求核实补发。", "修路征了我家的地，说好的补偿款只到了一半，请核实补发。"),
    Matter("land.ownership", "-lrb", "山林界址", "反映山林界址不清，要求确权。", "两个村民小组的山林界址多年不清，请派人到现场确权。"),
    Matter("housing.title", "-hc", "小区办证", "反映小区多年未办不动产证，要求协调办理。", "小区交房五年了还没有办证，孩子上学都受影响，请协调办理。"),
    Matter("housing.quality", "-hc", "房屋漏水", "反映新房渗漏，要求开发商维修。", "去年收的新房屋顶漏水，开发商推来推去，请督促维修。"),
    Matter("education.places", "-edu", "孩子入学", "反映随迁子女入学难，要求安排学位。", "我们在县城务工，孩子今年上小学还没有学位，请帮忙安排。"),
    Matter("education.safety", "-edu", "校车拥挤", "反映校车拥挤，要求增加班次。", "村小的校车挤了四十多个孩子，站着的比坐着的多，请增加班次。"),
    Matter("social_security.minimum", "-civ", "低保申请", "反映低保申请未予办理，要求复核。", "家里老人长年卧病，低保申请交了半年没有回音，请复核。"),
    Matter("labour.wages", "-psb", "拖欠工资", "反映工程老板拖欠工资，要求追讨。", "在工地做了八个月，老板跑了，三十多人的工资没有着落，请帮我们追讨。"),
    Matter("", None, "村道失修", "反映村道损坏，要求修复。", "进村的路塌了半边，下雨天车进不来，请安排修复。"),
    Matter("", None, "村务公开", "反映村级账目未公开，要求公开。", "村里两年没有公布账目，大家心里没底，请督促公开。"),
)  # fmt: skip
ARTICLE = Matter(
    "environment.drinking", None, "十里洞村饮水安全", "反映村上游造纸厂夜间排放污水，井水发黑发臭，要求解决饮水问题。",
    "书记您好：十里洞村上游的造纸厂夜里排污水，村里的井水发黑发臭，希望县里管一管，让我们喝上健康的水。",
)  # fmt: skip
ARTICLE_TITLE, ARTICLE_ALIAS = "永兴十里洞村民希望喝上健康的水", "多说无益"

FIRST_ROUND = ("请调查办理，限期报结果。", "请实地查看，依法处理，十日内报结果。", "请认真核实，妥善解决，答复群众。")
ROUNDS = {
    Round.URGED: ("请抓紧办理，不要拖。", "群众在等，请加快进度，尽快报结果。"),
    Round.RETURNED: ("回复大事化小，没有回答群众的问题，请重新调查。", "措施不具体，退回重办，请写明怎么办、何时办好。"),
    Round.FURTHER: ("同意处理意见，请继续抓好落实并报情况。", "结果可以，举一反三，请对同类问题一并排查。"),
    Round.DISSATISFIED: ("群众不满意，请当面听取意见，把事情办到位。", "请再办一次，办完当面向群众说明。"),
}
PROGRESS = "已到现场查看，正在与有关方面商定办法。"
PLAYED_DOWN = {
    "outcome": "explained", "findings": "经了解，情况总体正常，个别反映与事实有出入。", "measures": [], "evidence": [],
    "answer": "已向群众作了解释。",
}  # fmt: skip
HANDLED = {
    "outcome": "supported", "findings": "经实地查看，反映的情况属实。", "measures": ["责令限期整改", "明确专人跟踪"], "evidence": ["现场笔录"],
    "answer": "反映的问题已经查实，整改措施已落实到位。",
}  # fmt: skip
_SURNAMES = "李王张刘陈杨黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = ("建平", "秀兰", "国强", "桂英", "小军", "冬梅", "志明", "玉珍", "海燕", "文斌", "金花", "卫民", "丽华", "开元", "春生")


def petitioner(lots: Lots, identity: Identity, name: str) -> Petitioner:
    """Who petitions, as far as he lets himself be known."""
    if identity is Identity.ANONYMOUS:
        return Petitioner()
    called = lots.pick(_SURNAMES, "surname", name) + lots.pick(_GIVEN, "given", name)
    return Petitioner(name=called, phone=f"139{lots.number(10**8, 'phone', name):08}")
