"""Lines that pages of all sites have around an article, in many languages.

To share, save and comment, to subscribe and follow, what else to read, advertisements, legal lines.
Each is told by what it is made of or by how it opens, never by where it stands.
"""

from __future__ import annotations

import re

from microfiche.text import holds_any

MAX_WORDS, MAX_CALL, MAX_LEGAL = 14, 140, 400  # words of a line; letters
WORD = re.compile(r"[^\W\d_]+(?:['’\u200c-][^\W\d_]+)*")
SIGNS = "【[▲ \t\u00a0\ufe0f➡▶►→»›>•·*-–—|📲📌👉✅🔔🔴📢📣📰➤▪■●"
PLATFORMS = (
    "whatsapp", "telegram", "facebook", "instagram", "twitter", "youtube", "tiktok", "threads", "viber", "google news",
    "newsletter", "nieuwsbrief", "boletín", "boletim", "biuletyn", "bülten", "рассылк", "розсилк", "канал", "канал",
    "channel", "canal", "kanal", "kanał", "واتساب", "تلغرام", "تليغرام", "فيسبوك", "قناة", "کانال", "تلگرام", "واتساپ",
    "النشرة", "خبرنامه", "微信", "微博", "公众号", "メルマガ", "채널", "our app", "app", "inbox", "supporter", "member", "patreon", "donat", "journalism", "subscriber", "mecen", "comments below", "sign-up",
)  # fmt: skip
# What a line opens with that asks its reader to do something on a platform.
CALLS = (
    "follow", "join", "subscribe", "sign up", "get ", "download", "click", "like us", "find us", "listen", "watch",
    "folgen", "folge ", "abonnieren", "hier ", "jetzt ", "suivez", "abonnez", "rejoignez", "inscrivez", "recevez",
    "téléchargez", "retrouvez", "sigue", "síguenos", "síganos", "únete", "suscríbe", "suscribe", "recibe", "descarga", "haz clic",
    "siga", "clique", "inscreva", "assine", "receba", "participe", "baixe", "acompanhe", "segui", "iscriviti", "unisciti",
    "ricevi", "scarica", "clicca", "volg", "meld je", "schrijf je", "ontvang", "download", "obserwuj", "dołącz", "zapisz",
    "subskrybuj", "polub", "pobierz", "takip", "abone", "bizi ", "подпис", "следите", "читайте нас", "присоедин", "вступай",
    "підпис", "стежте", "приєдн", "долуч", "تابع", "اشترك", "انضم", "ما را", "به کانال", "عضو ", "关注", "扫", "下载",
    "google news",     "help us", "support", "become a", "donate", "soutenez", "apoya", "hazte", "unterstütz", "sostieni", "wesprzyj", "поддерж", "підтрим", "let us know", "we use your",
"フォロー", "登録", "구독", "ikuti", "gabung", "follow us", "subscribe to", "scan ",
)  # fmt: skip
# What else there is to read: with a colon or a bar behind it, and the headline.
RELATED = (
    "read also", "also read", "see also", "read more", "related", "more on this", "don't miss", "you may like", "recommended",
    "lesen sie auch", "lies auch", "auch interessant", "mehr zum thema", "siehe auch", "lire aussi", "à lire aussi", "voir aussi",
    "à lire", "lea también", "lee también", "te puede interesar", "le puede interesar", "además", "más información",
    "leia também", "leia mais", "veja também", "saiba mais", "leggi anche", "leggi", "vedi anche", "per approfondire",
    "lees ook", "bekijk ook", "zie ook", "czytaj też", "czytaj także", "zobacz też", "zobacz także", "czytaj więcej",
    "przeczytaj także", "przeczytaj też", "читайте также", "читайте еще", "читайте ещё", "по теме", "читайте також", "дивіться також",
    "ilgili haber", "bunu da okuyun", "okuyun", "اقرأ أيضا", "اقرأ أيضاً", "اقرأ المزيد", "شاهد أيضا", "بیشتر بخوانید",
    "همچنین بخوانید", "مطالب مرتبط", "関連記事", "相关阅读", "相关新闻", "延伸阅读", "延伸閱讀", "相關新聞", "관련기사", "baca juga", "läs också", "läs även",
    "læs også", "les også", "lue myös", "přečtěte si", "čtěte také",
)  # fmt: skip
RELATED_END = re.compile(r"\s*[:：|»>–—\]】-]\s*\S.{0,200}")
LEGAL = (
    "all rights reserved", "copyright", "alle rechte vorbehalten", "tous droits réservés", "todos los derechos", "todos os direitos",
    "tutti i diritti", "riproduzione riservata", "alle rechten voorbehouden", "wszelkie prawa", "wszystkie prawa", "все права", "усі права",
    "всі права", "при цитировании", "при использовании материалов", "при цитуванні", "передрук", "перепечатка", "جميع الحقوق",
    "كافة الحقوق", "تمامی حقوق", "کلیه حقوق", "tüm hakları", "版权声明", "版权所有", "著作権", "無断転載", "無断複写", "무단전재", "저작권자",
    "hak cipta",     "views expressed", "the views expressed", "opinions expressed", "the opinions expressed", "les opinions exprimées", "las opiniones",
    "as opiniões", "мнение редакции", "all content by", "use of this content", "любое использование", "использование материалов", "будь-яке використання",
"reproduction or", "any unauthori", "this material may not be",
)  # fmt: skip
LEGAL_WITHIN = (
    "(opens in new window)",
    "(opens in a new window)",
    "(opens in new tab)",
    "özetlenerek yayımlanmaktadır",
    "nauthorized reproduction",
    "nauthorised reproduction",
    "無断転載",
    "無断複写",
    "未经授权不得",
    "未經授權",
    "无线电不良信息",
    "무단 전재",
)
GOES_ON = re.compile(
    r"(?:(?:the )?(?:article|story) continues (?:below|after).{0,40}|continue reading.{0,40}"
    r"|der artikel geht .{0,40}weiter|la suite après .{0,40}|continúa (?:después|tras) .{0,40}|continua (?:após|depois|dopo) .{0,40}"
    r"|(?:het )?artikel gaat verder .{0,40}|dalsza część (?:artykułu|tekstu) .{0,40}|ciąg dalszy .{0,40}|продолжение .{0,20}после .{0,40}"
    r"|haberin devamı.{0,40}|يتبع.{0,20}|انتهای پیام\s?/?.{0,10}|/?انتهى/?|haber merkezi|#\s?#\s?#|getting your .{0,40} player ready.{0,3}|\(end\)|(?:über dieses thema|dieses thema im programm|dieser artikel wurde).{0,120}|end of (?:article|story)|fin del? (?:artículo|article))[:.]?",
    re.IGNORECASE,
)
SKIP = re.compile(
    r"(?:skip (?:to|next)\b.{0,60}|jump (?:directly |straight )?to .{0,40}|zum inhalt.{0,40}|direkt zu.{0,40}|aller (?:au|à la) .{0,40}|(?:ir|saltar) al? (?:contenido|navegación).{0,30}"
    r"|(?:ir|pular|saltar) para (?:o |a )?(?:conteúdo|navegação).{0,30}|vai al? (?:contenuto|menu).{0,40}|(?:ga )?naar (?:de )?(?:hoofd)?inhoud.{0,30}"
    r"|naar de hoofdinhoud|przejdź (?:do|na) .{0,60}|перейти (?:к|до) .{0,40}|ana içeriğe.{0,30}|içeriğe .{0,20}|الانتقال إلى .{0,40}|تخطي .{0,40}|رفتن به .{0,40}|跳转到.{0,20}|メインコンテンツ.{0,20})",
    re.IGNORECASE,
)
NOTED = re.compile(
    r"[(\[](?:attn|eds|lead|leads|updates?|recasts|corrects?|adds|with photos?)\b.{0,120}[)\]]",
    re.IGNORECASE,
)
EDITED = re.compile(
    r"[\[(（【]?\s*(?:edited by|editor|editing by|copy edit(?:ed by|or)|redigiert von|editado por|edição|responsible editor|редактор|责任编辑|责编|编辑|審校|校对)\s*[:：]\s*.{1,60}",
    re.IGNORECASE,
)
HASHTAGS = re.compile(r"(?:[^#:]{0,40}[:：]\s*)?(?:#[\w\u200c-]+[\s,،]*){2,}")
WATCHED = re.compile(
    r"(?:watch|listen|read|video|photos|vidéo|vídeo|audio|en images|fotos|schau|смотрите|видео)\s*[|▶]\s*\S.{3,200}",
    re.IGNORECASE,
)
AUDIO = re.compile(
    r"(?:the )?audio version of this .{0,160}|this article was (?:read|generated) .{0,120}|.{0,40}text-to-speech.{0,120}",
    re.IGNORECASE,
)
SEEN = re.compile(
    r"(?:vu|lu|visto|leído|прочитано|gelesen) [0-9][0-9  .,]{0,10} (?:fois|veces|раз|mal)|[0-9]+ (?:minutes?|hours?|days?|weeks?|months?) ago",
    re.IGNORECASE,
)
LETTER_SIZE = re.compile(r"(?:[aаａ]\s?[+-]?[\s/|]*){2,4}", re.IGNORECASE)
INITIALS = re.compile(
    r"[a-z]{1,4} \([a-z]{2,6}(?:, ?[a-z/]{2,8}){0,4}\)|[(\[]\s?(?:[^\W\d_]{1,4}[./]\s?){0,3}[^\W\d_]{1,4}\.?\s?[)\]]"
)
CORRECTED = re.compile(
    r"(?:correction|clarification|editor['’]s note|note de la rédaction|rectificatif|korrektur(?:hinweis)?|hinweis der redaktion|anmerkung der redaktion|corrección|nota de(?:l)? (?:editor|la redacción|redação)|errata|rectificatie|sprostowanie|düzeltme|исправление|от редакции|виправлення|تصحيح|تنويه)\b.{0,30}[:：—–-].{10,300}",
    re.IGNORECASE,
)
MAILED = re.compile(r"\S+@[\w.-]+\.[a-z]{2,24}\b", re.IGNORECASE)
WRITE_TO = (
    "contact", "reach", "e-mail", "email", "mail", "write to", "tip", "got a", "kontakt", "schreiben sie", "fehler", "contactez",
    "écrivez", "contacto", "escríbenos", "contato", "fale com", "scrivi", "contatti", "redac", "redak", "napisz", "iletişim",
    "пишите", "свяжитесь", "пишіть", "للتواصل", "تماس",
)  # fmt: skip
FORMS = (
    ("promotion", GOES_ON), ("promotion", AUDIO), ("share", LETTER_SIZE), ("keywords", HASHTAGS), ("navigation", SKIP),
    ("navigation", WATCHED), ("other", EDITED), ("other", NOTED), ("other", SEEN),
)  # fmt: skip
# Words of which the lines with buttons, counters and labels of pages are made, and nothing else.
WORDS = frozenset(
    """
    share shares shared tweet tweets like likes liked save saved print email e-mail mail copy link url comment comments reply
    replies listen reading time read min mins minute minutes view views viewed reaction reactions bookmark bookmarks report
    follow followers like subscribe newsletter this article story page post to on via with the by us our your
    facebook twitter x whatsapp telegram instagram linkedin pinterest reddit messenger viber flipboard threads bluesky
    mastodon tiktok youtube rss pocket wechat weibo vk vkontakte odnoklassniki google news email sms
    scroll continue advertisement advertising ad ads sponsored promoted gallery photos
    teilen geteilt kommentar kommentare kommentieren merken drucken vorlesen anhören artikel speichern feedback lesezeit
    minuten anzeige werbung
    partager partagez partages commenter commentaire commentaires réagir imprimer envoyer enregistrer écouter copier lien sauvegarder cet sur
    par lecture lire mn publicité temps de
    nota escuchá compartir comparte compartido comentar comentario comentarios guardar imprimir enviar escuchar copiar enlace artículo noticia
    en por correo lectura seguir publicidad esta este
    compartilhar compartilhe compartilhamentos partilhar partilhe comentários comentário salvar ouvir notícia no na leitura gostar publicidade matéria
    condividi condivisioni commenta commenti commento stampa invia salva ascolta copia articolo questo su minuti minuto di lettura
    mi piace segui pubblicità
    deel delen bewaar bewaren reageer reacties reactie afdrukken luister leestijd kopieer advertentie
    udostępnij udostępnień skomentuj komentarze komentarzy komentarz lubię drukuj zapisz wyślij posłuchaj podziel się tweetnij
    obserwuj reklama oceń
    paylaş yorum yorumlar yaz yazdır kaydet beğen takip et dinle abone ol gönder reklam okuma süresi dakika dk
    поделиться поделитесь комментарии комментариев комментарий комментировать распечатать сохранить отправить нравится слушать
    просмотров просмотры реклама мин минут версия для печати вконтакте
    поділитися поширити поширень коментарі коментарів коментувати роздрукувати зберегти надіслати слухати подобається переглядів хв хвилин
    شارك مشاركة مشاركات طباعة حفظ تعليق تعليقات إعجاب نسخ الرابط استمع عبر على واتساب فيسبوك تويتر تليغرام تلغرام إعلان إكس الخبر المقال حجم الخط كبير صغير متوسط تيليجرام
    اشتراک گذاری اشتراک‌گذاری پرینت چاپ ذخیره نظر نظرات دیدگاه کپی لینک پسندیدم بازدید واتساپ توییتر فیسبوک تلگرام ایمیل تبلیغات
    שתף שתפו הדפס הדפסה תגובות תגובה שמור האזנה פרסומת
    分享給朋友 追蹤我們 字級 字级 特 字體 分享 分享到 设为首页 加入收藏 手机版 登录 注册 客户端 无障碍 字号 字体 大 中 小 打印 收藏 评论 点赞 微信 微博 朋友圈 复制链接 转发 广告 阅读
    シェア 共有 シェアする 印刷 印刷する 保存 保存する コメント ツイート ブックマーク 文字サイズ 広告 メール ポスト 送る みんなのポストを見る リンクをコピー ログイン 会員登録 有料記事
    공유 공유하기 인쇄 저장 댓글 스크랩 글자크기 좋아요 광고 가
    bagikan komentar simpan cetak suka dengarkan iklan
    dela kommentera kommentarer skriv ut spara lyssna annons jaa kommentoi tallenna tulosta mainos
    sdílet diskuse komentáře tisk uložit poslechnout
    """.split()
)
# Labels that stand for a list of what else there is, or for a box, alone in their line.
LABELS = frozenset(
    """
    related posts|related articles|related stories|related news|read next|most read|most viewed|most popular|trending|trending now
    about the author|about the authors|leave a reply|leave a comment|write a comment|explore more|your feedback|send us your feedback
    mehr zum thema|meistgelesen|meist gelesen|das könnte sie auch interessieren|auch interessant|zur startseite
    sur le même sujet|les plus lus|à lire aussi|à la une|articles liés|noticias relacionadas|te puede interesar|le puede interesar|para saber más|mirá también|más noticias|temas relacionados|en savoir plus|pour aller plus loin|saiba mais|approfondimenti|saber más|lo más leído|más leídas|últimas noticias
    leia também|leia mais|veja também|mais lidas|mais lidos|últimas notícias|leggi anche|articoli correlati|i più letti|più letti
    lees ook|meest gelezen|czytaj też|czytaj także|najczęściej czytane|polecane|ilgili haberler|çok okunanlar|en çok okunanlar
    читайте также|по теме|популярное|самое читаемое|новости по теме|читайте також|популярне|за темою
    اقرأ أيضا|اقرأ أيضاً|الأكثر قراءة|مواضيع ذات صلة|أخبار ذات صلة|اخبار مرتبط|مطالب مرتبط|بیشتر بخوانید|پربیننده‌ترین|نظر شما
    پربازدیدترین‌ها|相关新闻|相關新聞|延伸閱讀|相关阅读|热门推荐|関連記事|おすすめ記事|あわせて読みたい|関連ニュース|アクセスランキング|관련기사|많이 본 뉴스|baca juga|berita terkait
    """.replace("\n", "|")
    .strip(" |")
    .split("|")
)


def furniture(line: str) -> str | None:
    """What a line is of a page's furniture: share, navigation, promotion, legal, other; None if not."""
    bare = line.strip(SIGNS)
    folded = bare.casefold()
    if len(line) <= MAX_LEGAL and (folded.startswith(LEGAL) or holds_any(line, LEGAL_WITHIN)):
        return "legal"
    if is_label(line) or _is_related(bare, folded):
        return "navigation"
    words = WORD.findall(folded) if len(folded) <= MAX_CALL else []
    if not words:
        return None
    if len(words) <= MAX_WORDS and WORDS.issuperset(words):
        return "share"
    if folded.startswith(CALLS) and holds_any(folded, PLATFORMS):
        return "promotion"
    if (mailed := MAILED.search(folded)) and (mailed[0] == folded or holds_any(folded, WRITE_TO)):
        return "contact"
    return next((kind for kind, form in FORMS if form.fullmatch(bare)), None)


def _is_related(bare: str, folded: str) -> bool:
    """Whether a line tells what else there is to read: a few words, a colon, a headline."""
    if not folded.startswith(RELATED):
        return False
    opening = max((each for each in RELATED if folded.startswith(each)), key=len)
    return bool(RELATED_END.fullmatch(bare[len(opening) :]))


def is_label(line: str) -> bool:
    """Whether a line is the label of a box, or of a list of what else there is to read."""
    return line.strip(SIGNS).casefold().rstrip(" :：.…") in _LABELS


def is_initials(line: str) -> bool:
    """Whether a line is the sign of who wrote or edited a text, in brackets."""
    return bool(INITIALS.fullmatch(line))


def is_note(line: str) -> bool:
    """Whether a line closes a text and is none of it: initials, or what a newsroom says of it."""
    return is_initials(line) or bool(CORRECTED.fullmatch(line))


_LABELS = frozenset(each.strip() for each in LABELS if each.strip())
