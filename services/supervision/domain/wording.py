"""What the words of a duty log may not hold: who the petitioner is, and anything done to watch or to hinder a person."""

from __future__ import annotations

import re

from shared.errors import Refused

# Eleven digits of a mobile telephone, eighteen of an identity card, an address of mail.
_NUMBER = re.compile(r"(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)|[\w.+-]+@[\w-]+\.[\w.]+", re.ASCII)
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛范彭郎鲁韦马苗方俞任袁柳唐罗薛"
    "雷贺倪汤滕殷毕郝邬常乐于傅皮卞齐康伍余元卜顾孟黄穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝"
    "闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯卢莫房解应丁邓洪包左石崔龚程嵇邢裴陆荣翁荀羊甄曲封"
    "储靳段富乌焦巴弓牧隗山谷车侯宓全班秋仲伊宫宁仇甘厉戎祖武符刘景詹束龙叶幸司黎薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔"
    "阴闻党翟谭贡劳逄姬申扶冉宰郦桑桂濮牛寿通边扈燕冀尚农温庄晏柴瞿阎慕连习艾容向古易廖庾终步都耿满弘匡国文寇广禄欧"
)
_NAME = re.compile(
    rf"(?:信访人|来访人|上访人|当事人|村民|居民|户主|老人)(?:叫|是|姓名)?[：:“]?[{_SURNAMES}][\u4e00-\u9fff某]{{1,2}}(?=[，。、；（(”\s]|$)"
    rf"|[{_SURNAMES}][\u4e00-\u9fff某]{{0,2}}(?:先生|女士|大爷|大娘|大妈|老汉|婆婆|奶奶|爷爷|阿姨|大姐|大哥)"
)
# Duty four is support owed to a person. What is done to keep somebody from petitioning is no duty, and stands nowhere here.
_HINDERING = re.compile(
    "截访|拦截|拦访|拦阻|劝返|接返|盯防|盯守|盯梢|看守|看管|监视|尾随|行踪|手机定位|轨迹|限制出行|限制人身自由|软禁|关押|拘禁|稳控在家|管控"
)


def check_numbers(**texts: str) -> None:
    """Raises Refused for numbers by which a person is found, in any of these fields."""
    for field, text in texts.items():
        if _NUMBER.search(text):
            raise Refused(field, "文字中有电话、证件号码或邮箱。", "信访人的身份只在登记处保管，请删去后重新提交。")


def check_words(field: str, text: str) -> None:
    """Raises Refused for such numbers, and for words of watching or hindering somebody."""
    check_numbers(**{field: text})
    if found := _HINDERING.search(text):
        raise Refused(
            field, "“%(word)s”不是五包责任：本系统不记录对人的看管、跟踪或拦阻。", "请写明为信访人做了什么：走访、帮扶、解决了什么问题。",
            word=found[0],
        )  # fmt: skip


def doubts(text: str) -> list[str]:
    """What in the text looks like the name of a petitioner: a question to whoever wrote it, not a refusal."""
    return list(dict.fromkeys(found[0] for found in _NAME.finditer(text)))
