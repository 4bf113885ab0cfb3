"""How sites say that there is no article, by outcome: in the languages of the archives that are known.

`OPENINGS` are what a headline or a line begins with. `WORDS` are what such pages have in them, and `READER`
how they address their reader, as articles seldom do; one alone says nothing. Each is a pair: words that
stand by themselves, and stems of scripts that join words to others or put no space between them.
"""

SITE = r"(?:web ?site|domain(?: name)?|site)"
THIS = r"(?:this|the requested|the following|that)"
SORRY = r"(?:oops\W{1,3}|(?:we[’']re )?sorry\W{1,3}(?:but )?|uh-oh\W{1,3})?"
OPENINGS = {
    "seizure_notice": rf"this {SITE}.{{0,60}} (?:has been|was|is) (?:now )?seized\b|{SITE} seized[.!]?$"
    r"|these (?:web ?sites|domains)(?: names)? have been seized\b"
    r"|ce (?:site|domaine) a été saisi\b|diese (?:web)?(?:site|seite|domain) wurde beschlagnahmt"
    r"|este (?:sitio|dominio) ha sido (?:confiscado|incautado)|este (?:site|domínio) foi apreendido"
    r"|questo (?:sito|dominio) è stato sequestrato|d(?:it|eze) (?:domein|website) is in beslag genomen"
    r"|ta (?:domena|strona) została (?:zajęta|przejęta)|bu (?:site|alan adı).{0,20} el konul"
    r"|(?:этот|данный) (?:домен|сайт).{0,30}(?:конфискован|арестован|изъят)"
    r"|(?:цей|даний) (?:домен|сайт).{0,30}(?:конфісковано|арештовано|вилучено)"
    r"|تم (?:حجز|مصادرة|الاستيلاء على) (?:هذا )?(?:الموقع|النطاق)|این (?:سایت|دامنه|وب‌?سایت).{0,30}توقیف شد"
    r"|(?:אתר|דומיין) זה (?:נתפס|הוחרם)|(?:此|该|本)(?:网站|域名)已被(?:查封|没收|扣押)"
    r"|この(?:サイト|ドメイン)は(?:押収|差し押さえ)|이 (?:사이트|도메인)[은는이가]? ?압류|(?:situs|domain) ini telah disita",
    "blocked": rf"(?:access to )?{THIS} (?:web ?site|site|page|resource|content|url)\b.{{0,60}}\b(?:blocked|restricted|banned|prohibited)\b"
    rf"|unavailable (?:for|due to) legal reasons\b|(?:error )?451(?:$|\W)|{SORRY}{THIS} .{{0,40}}not available in your (?:country|region|location)\b"
    r"|доступ к (?:этому |данному |запрашиваемому )?(?:сайту|ресурсу|странице|информационному).{0,60}(?:ограничен|заблокирован)"
    r"|доступ до (?:цього |даного )?(?:сайту|ресурсу|сторінки).{0,60}(?:обмежено|заблоковано)"
    r"|(?:der zugriff auf )?diese (?:web)?(?:site|seite).{0,40}gesperrt|l[’']accès à ce site.{0,60}(?:bloqué|interdit)"
    r"|el acceso a (?:este|esta) (?:sitio|página).{0,60}(?:bloqueado|restringido)"
    r"|o acesso a este site.{0,40}(?:bloqueado|restrito)|l[’']accesso a questo sito.{0,40}(?:bloccato|inibito)"
    r"|(?:de toegang tot )?deze (?:website|pagina).{0,30}geblokkeerd|dostęp do (?:tej )?(?:strony|witryny).{0,40}zablokowan"
    r"|(?:bu (?:internet )?site.{0,12} erişim|erişime).{0,30}engellen"
    r"|(?:هذا الموقع محجوب|تم حجب هذا الموقع)|دسترسی به این (?:سایت|تارنما|صفحه).{0,40}(?:مقدور|امکان‌پذیر) نیست"
    r"|הגישה לאתר.{0,20}(?:חסומה|נחסמה)|(?:此|该)(?:网站|页面|内容).{0,8}(?:屏蔽|封锁|无法访问|不可用)"
    r"|お住まいの地域では.{0,20}(?:ご利用|閲覧)|(?:불법|유해).{0,12}(?:차단|접속)|akses ke situs ini.{0,20}diblokir",
    "gone": rf"{SORRY}{THIS} (?:article|page|story|content|post) (?:has been|was) (?:removed|deleted|withdrawn|taken down)\b"
    rf"|{SORRY}{THIS} (?:article|page|story|content|post) is no longer available\b|410(?:$|\W{{1,3}}gone)"
    r"|эта (?:статья|страница) (?:была )?удалена|цю (?:статтю|сторінку) (?:було )?видалено"
    r"|cet article (?:a été supprimé|n[’']est plus disponible)|dieser (?:artikel|beitrag) (?:wurde gelöscht|ist nicht mehr verfügbar)"
    r"|este artículo (?:ha sido eliminado|ya no está disponible)|este (?:artigo|conteúdo) (?:foi removido|não está mais disponível)"
    r"|questo articolo (?:è stato rimosso|non è più disponibile)|dit artikel is (?:verwijderd|niet (?:meer|langer) beschikbaar)"
    r"|(?:ten|ta) (?:artykuł|strona) (?:został|została) usunięt|bu (?:haber|içerik|sayfa) (?:kaldırıl|yayından kaldırıl|silin)"
    r"|تم حذف (?:هذا|هذه) (?:المقال|الصفحة|المحتوى|الخبر)|این (?:مطلب|خبر|صفحه) حذف شد|(?:כתבה|דף) זו? (?:הוסר|נמחק)"
    r"|(?:此|该|本)(?:文章|页面|内容)已(?:被)?(?:删除|下架)|この(?:記事|ページ)は(?:削除|公開を終了|掲載を終了)"
    r"|(?:삭제된|이 기사는 삭제)|(?:artikel|halaman|berita) ini telah dihapus|makala hii imeondolewa",
    "not_found": r"(?:error |erreur |fehler |erro |errore |fout |błąd |hata |ошибка |помилка |خطای? |שגיאה |错误 ?|エラー ?|오류 ?)?404(?:\W*$|[ .:|–—-]{1,4}(?:page|file|error|not found|страниц|сторінк|seite|página|pagina|strona|sayfa|الصفحة|页面|ページ|페이지|halaman))"
    rf"|{SORRY}(?:the |this |that )?(?:requested )?(?:page|article|file|url)(?: you .{{0,60}}?)? ?(?:was|is|could|can)?(?:n[’']t| ?not) (?:be )?found\b"
    rf"|{SORRY}we (?:can[’']?t|cannot|could(?:n[’']t| not)) find (?:that|the|this) (?:page|article)\b|(?:page |file )?not found\W*$"
    rf"|{SORRY}(?:this|the|that) page .{{0,40}}(?:does(?: not|n[’']t) exist|no longer exists)|nothing (?:was )?(?:found )?here\W*$"
    r"|страниц\w+ не (?:найдена|существует)|сторінк\w+ не (?:знайдено|існує)|(?:cette )?page (?:introuvable|non trouvée)"
    r"|(?:diese |die )?seite (?:wurde |konnte )?nicht gefunden|página no encontrada|página não (?:encontrada|existe)"
    r"|pagina non trovata|pagina niet gevonden|nie znaleziono strony|strona nie (?:została znaleziona|istnieje)"
    r"|(?:aradığınız )?sayfa bulunamadı|(?:الصفحة غير موجودة|لم يتم العثور على الصفحة)"
    r"|صفحه (?:مورد نظر )?.{0,20}(?:یافت نشد|پیدا نشد)|(?:ה)?(?:דף|עמוד) לא נמצא|(?:यह )?(?:पृष्ठ|पेज) नहीं मिला"
    r"|পৃষ্ঠাটি? (?:পাওয়া|খুঁজে পাওয়া) যায়নি|صفحہ (?:نہیں ملا|موجود نہیں)|(?:您(?:访问|查找)的)?(?:页面|网页|頁面)(?:不存在|未找到|找不到)|找不到(?:该|您)?.{0,8}(?:页面|网页|頁面)"
    r"|(?:お探しの)?ページ[はが]見つかりません|(?:요청하신 )?페이지를 찾을 수 없|halaman (?:yang anda cari )?tidak ditemukan|ukurasa haupatikani",
    "error": r"(?:500\W{1,3})?internal server error|50[234]\W{1,3}\w|(?:bad gateway|gateway time-?out|service (?:temporarily )?unavailable)\W*$"
    r"|(?:you need to |please )?(?:enable|turn on) javascript\b.{0,40} to (?:run|view|use|see)|access denied\W*$"
    r"|(?:403\W{0,3})?forbidden\W*$|403\W*$|(?:429\W{1,3})?too many requests\W*$"
    rf"|(?:this |the |our )?{SITE} is (?:currently )?(?:under|down for) maintenance|account suspended\W*$|this account has been suspended"
    r"|welcome to nginx!?$",
    "wall": r"just a moment\W*$|checking (?:if the site connection is secure|your browser)|attention required! \| cloudflare"
    r"|(?:please )?verify (?:that )?you are (?:a )?human\b|verifying you are human\b|are you a robot\W*$|i[’']?m not a robot\W*$"
    r"|before you continue to \w+\W*$|(?:please )?enable javascript and cookies to continue"
    r"|nur einen moment\W*$|un instant\W*$|un momento\W*$|um momento\W*$|один момент\W*$|请稍候\W*$|잠시만 기다리십시오\W*$|しばらくお待ちください\W*$",
    "redirect": r"(?:you (?:are|will) be(?:ing)? )?redirect(?:ing|ed)\b.{0,40}$|if you are not (?:automatically )?redirected"
    r"|sie werden.{0,30} weitergeleitet|vous allez être redirigé|(?:está siendo|será) redirigido|redirecionando|stai per essere reindirizzato"
    r"|u wordt doorgestuurd|(?:trwa )?przekierow|yönlendiriliyorsunuz|(?:выполняется )?перенаправлени|(?:вас буде )?перенаправлен"
    r"|(?:جار[يٍ]? )?(?:إعادة التوجيه|تحويلك)|در حال انتقال|מעביר אותך|(?:页面)?(?:正在)?跳转中?|リダイレクト(?:中|します)|리디렉션|anda (?:akan|sedang) dialihkan",
    "parked": r"(?:this|the) domain(?: name)?(?: .{0,60})? (?:is|may be) for sale\b|buy this domain\b|this domain (?:is parked|has expired)\b"
    r"|(?:this )?(?:web ?page|domain) is parked\b|\S{3,60} is (?:for sale|available for purchase)\W*$|(?:the )?domain (?:has )?expired\b"
    r"|(?:diese )?domain (?:\S{1,60} )?(?:steht zum verkauf|zu verkaufen|ist käuflich|erwerben)|(?:ce (?:nom de )?domaine|le (?:nom de )?domaine \S{1,60}) (?:est (?:à vendre|en vente|expiré)|a expiré)"
    r"|(?:este|el) dominio (?:\S{1,60} )?(?:está (?:en venta|a la venta|estacionado)|ha (?:caducado|expirado))|(?:este|o) domínio (?:\S{1,60} )?(?:está à venda|expirou|está estacionado)"
    r"|(?:questo|il) dominio (?:\S{1,60} )?(?:è in vendita|è scaduto)|(?:dit|deze) domein(?:naam)? (?:\S{1,60} )?(?:is te koop|is verlopen)"
    r"|(?:ta )?domena (?:\S{1,60} )?(?:jest na sprzedaż|na sprzedaż|wygasła)|(?:bu )?(?:alan adı|domain) (?:\S{1,60} )?satılık"
    r"|(?:этот |данный )?домен (?:\S{1,60} )?(?:продается|продаётся|припаркован|не продл)|срок регистрации домена.{0,40}ист[её]к"
    r"|(?:цей )?домен (?:\S{1,60} )?(?:продається|припарковано|виставлено на продаж)|هذا (?:النطاق|الدومين) (?:معروض )?للبيع|این دامنه (?:به|برای) فروش"
    r"|(?:הדומיין|דומיין זה).{0,20}למכירה|यह डोमेन.{0,20}बिक्री|এই ডোমেইন.{0,20}বিক্র|یہ ڈومین.{0,20}فروخت"
    r"|(?:该|此|本)?域名.{0,20}(?:出售|待售|转让|已过期|停放)|この?ドメイン.{0,30}(?:販売|売りに出|期限切れ|取得されています)"
    r"|(?:이 )?도메인.{0,20}(?:판매|매각|만료)|domain ini (?:dijual|telah kedaluwarsa)|(?:kikoa|domeni) hi[ki]+ (?:kinauzwa|inauzwa)",
}
READER = (
    r"you|your|yours|please|sorry|oops|we|our|click|vous|votre|vos|nous|nos|cliquez|veuillez|oups|désolée?s?"
    r"|(?-i:Sie|Ihnen|Ihre?[mnrs]?)|wir|unser\w*|bitte|leider|dein\w*|klicken|usted(?:es)?|tus?|por favor|lo sentimos|nuestr[oa]s?|puedes|haga|haz|buscas?"
    r"|você|seus?|suas?|nossos?|nossas?|desculpe|clique|verifique|tente|acesse|ops|tu[oa]?|tuoi|puoi|hai|stai|siamo|nostr[oaie]|scusiamo|clicca|verifica|torna|se sei"
    r"|uw|je|jouw|jij|wij|onze?|helaas|excuses|klik|controleer|probeer|vul|twoj\w+|twój|twoich|możesz|masz|nasz\w*|szukasz|kliknij|sprawdź|przejdź|proszę|prosimy|przepraszamy|państw\w+"
    r"|siz\w*|lütfen|üzgünüz|özür|tıklay\w+|deneyin|bekleyin|biz|вы|вас|вам|ваш\w*|мы|наш\w*|нам|пожалуйста|нажмите|проверьте|выберите|введите|войдите|попробуйте|извините|жаль"
    r"|ви|ми|нас|будь ласка|натисніть|перевірте|оберіть|спробуйте|увійдіть|вибачте|на жаль|anda|kamu|kami|silakan|maaf|mohon|klik|coba|periksa"
    r"|(?:w|y|l|ch|z|vy|kw)(?:ako|etu)|sisi|tafadhali|samahani|bofya|jaribu|unaweza|una\w+|ungependa|utakuwa",
    r"يرجى|الرجاء|من فضلك|يمكنك|لديك|نعتذر|عذرا|خصوصيتك|حسابك|جهازك|متصفحك|شبكتك|تبحث عن|اشترك|سجل |انقر|اضغط|نأسف|عزيزي|نحن|أنك|استنفدت|مهتم"
    r"|شما|لطفا|کنید|شوید|نمایید|پوزش|گرامی|متاسفیم|متأسفیم|شکیبایی|هستید|שלך|שלכם|אתם|אתה|אנא|אנחנו|לחצו|חיפשתם|מצטערים|התחברו|הירשמו|מעוניינים|השאירו|יש לך|לך "
    r"|आप|कृपया|करें|क्षमा|हमारे|আপনি|আপনার|আপনাকে|দুঃখিত|অনুগ্রহ|করুন|আমরা|آپ|براہ کرم|کریں|معذرت|ہمارے|您|你|请|請|抱歉|我们|我們"
    r"|お客様|ください|下さい|ご覧|ご利用|ご確認|お探し|申し訳|お待ち|皆様|お願い|当社|弊社|귀하|세요|십시오|시기 바|고객님|바랍니다|회원님|저희",
)
WORDS = {
    "wall": (
        # English
        r"cookies?|your (?:browser|privacy|consent|device|choices|connection|network|account|subscription)|javascript|\d+ partners"
        r"|(?:our|we and|third[- ]party) partners|personali[sz]ed (?:ads|advertising|content)|(?:with|without|and) (?:tracking|advertising)"
        r"|privacy (?:policy|cent(?:re|er)|settings)|log ?in|sign ?in|sign ?up|subscribe|subscriptions?|subscribers?|register(?:ed)?|free account"
        r"|to continue|continue reading|keep reading|unlock|accept all|agree|reject all|password|not a robot|robot|captcha|are human|you are human"
        r"|security (?:check|service|of your connection)|ray id|unusual (?:traffic|activity)|advertising-free|free of advertising|ad-free|legitimate interests?"
        # German
        r"|ihre? (?:browser|einwilligung|zustimmung|privatsphäre|daten)|partner(?:n)? speichern|unsere[n]? partner\w*|werbefrei|mit werbung|tracking|einwilligung|zustimm\w+"
        r"|anmelden|einloggen|registrier\w+|abonn\w+|weiterlesen|alle akzeptieren|datenschutz\w*|kein roboter|mensch sind|sicherheitsüberprüfung|personalisierte \w+"
        # French
        r"|votre (?:navigateur|consentement|vie privée|compte|appareil|abonnement)|nos (?:\d+ )?partenaires|consentement|accepter|refuser|se connecter|connectez-vous|s[’']inscrire|s[’']abonner|abonnez-vous|abonnés?"
        r"|mot de passe|continuer (?:la lecture|sans accepter)|publicités? personnalisées?|confidentialité|pas un robot|êtes humain"
        # Spanish, Portuguese
        r"|(?:su|tu) (?:navegador|consentimiento|privacidad|cuenta|dispositivo)|nuestros (?:\d+ )?socios|aceptar|rechazar|inici(?:ar|a|e) sesión|regístr\w+|registrar\w*|suscr[ií]b\w+|suscripción|contraseña|seguir leyendo|no (?:soy|eres) un robot"
        r"|seu (?:navegador|consentimento|dispositivo)|sua (?:privacidade|conta)|nossos (?:\d+ )?parceiros|aceitar|rejeitar|fa(?:zer|ça) login|entrar|cadastr\w+|assin(?:e|ar|ante|atura)s?|senha|continuar lendo|não (?:sou|é) um robô"
        # Italian, Dutch
        r"|(?:il )?tuo (?:browser|consenso|account|dispositivo)|nostri (?:\d+ )?partner|consenso|accett\w+|rifiut\w+|accedi|registrati|abbon\w+|continua a leggere|non sono un robot"
        r"|(?:uw|je) (?:browser|toestemming|privacy|account|apparaat)|onze (?:\d+ )?partners|toestemming|accepteren|weigeren|inloggen|registreren|abonne\w+|wachtwoord|verder lezen|geen robot"
        # Polish, Turkish
        r"|twoj\w+ (?:przeglądark\w+|zgod\w+|prywatność|urządzeni\w+)|nasi(?:mi)? (?:zaufani )?partner\w+|zgod[aęy]|akceptuj\w*|zaloguj\w*|zarejestruj\w*|subskr\w+|prenumerat\w+|hasło|czytaj dalej|nie jestem robotem|plików cookie"
        r"|tarayıcı\w*|çerez\w*|gizlili\w+|iş ortaklar\w+|kabul et\w*|reddet\w*|giriş yap\w*|üye ol\w*|kayıt ol\w*|abone\w*|şifre\w*|okumaya devam|robot (?:değilim|olmadığınızı)"
        # Russian, Ukrainian
        r"|ваш(?:его|ем)? (?:браузер\w*|согласи\w+|устройств\w+)|файл\w+ cookie|куки|конфиденциальност\w+|партн[её]р\w+|принять|соглас\w+|войти|войдите|вход|зарегистрир\w+|регистраци\w+|подпис\w+|пароль|продолжить чтение|не робот|проверка безопасности"
        r"|ваш(?:ого)? (?:браузер\w*|пристр\w+)|конфіденційн\w+|прийняти|згод\w+|погодж\w+|увійти|увійдіть|зареєстр\w+|реєстраці\w+|передплат\w+|підпи\w+|продовжити читання"
        # Indonesian, Swahili
        r"|kuki|peramban|privasi|mitra kami|setuju|terima semua|masuk|daftar|berlangganan|pelanggan|kata sandi|lanjut(?:kan)? membaca|bukan robot"
        r"|vidakuzi|kivinjari|faragha|washirika wetu|kubali|ingia|jisajili|jiandikishe|nenosiri|endelea kusoma"
        # for members alone
        r"|subscriber[- ]only|members?|exclusive|premium|free (?:trial|articles)|per (?:week|month)|réservé\w*|(?:par|/) ?(?:mois|semaine)|essai|lecteurs?|identifiez-vous|déjà abonné\w*"
        r"|zugang|probe(?:monat|abo)|monatlich|pro monat|kündbar|leser|exclusiv[oa]s?|al mes|prueba|suscriptores|por mês|exclusivo|assinantes?|riservat[oi]|al mese|prova|abbonati|socio"
        r"|per maand|proef\w*|toegang|exclusief|miesięcz\w+|dostęp\w*|prenumerator\w+|aylık|abonelere|üyelere|özel|доступ\w*|подписчик\w*|в месяц|только|учасник\w*|на місяць|доступу|pelanggan|per bulan|khusus|langganan|waliojiandikisha|akaunti|usajili|kwa (?:wiki|mwezi)"
        r"|(?:we )?value your privacy|store and/or access|similar technolog\w+|données personnelles|traceurs|personenbezogene\w*|datos personales|dados pessoais|dati personali|persoonsgegevens|gegevens|advertenties|danych osobowych|zgodę|kişisel veri\w*|персональн\w+ данн\w+|персональні дані|рекламы|реклами|приватність|data pribadi|iklan|faragha|taarifa|matangazo",
        # Arabic, Persian, Urdu, Hebrew
        r"ملفات تعريف الارتباط|الكوكيز|متصفحك|المتصفح|الخصوصية|شركائنا|موافق\w*|أوافق|قبول الكل|تسجيل الدخول|سجل(?:وا)? الدخول|إنشاء حساب|اشترك\w*|الاشتراك|المشتركين|كلمة المرور|لمتابعة القراءة|لست روبوت\w*|جافا ?سكر[يب]+ت"
        r"|کوکی\w*|مرورگر\w*|حریم خصوصی|شرکای ما|می‌?پذیرم|پذیرش همه|وارد شوید|ورود|ثبت[ ‌]نام|عضو شوید|اشتراک|مشترک\w*|رمز عبور|ادامه مطلب|ربات نیستید|جاوا ?اسکریپت"
        r"|کوکیز|براؤزر|رازداری|لاگ ان|سائن ان|رجسٹر|سبسکرائب|پاس ورڈ|جاری رکھ\w+"
        r"|עוגיות|הדפדפן|פרטיות|שותפינו|מסכים|אישור הכל|התחבר\w*|הירשמ\w*|הרשמה|מנוי\w*|סיסמה|להמשך קריאה|לא רובוט"
        # Hindi, Bengali
        r"|कुकी\w*|ब्राउज़र|गोपनीयता|सहमत\w*|स्वीकार|लॉग ?इन|साइन ?इन|रजिस्टर|सदस्यता|सब्सक्राइब|पासवर्ड|पढ़ना जारी"
        r"|কুকি\w*|ব্রাউজার|গোপনীয়তা|সম্মত|লগ ?ইন|সাইন ?ইন|নিবন্ধন|সাবস্ক্রাইব|পাসওয়ার্ড"
        # Chinese, Japanese, Korean
        r"|浏览器|瀏覽器|隐私|隱私|合作伙伴|接受全部|同意|登录|登錄|登入|注册|註冊|订阅|訂閱|会员|會員|密码|密碼|继续阅读|繼續閱讀|机器人|安全验证|人机验证"
        r"|クッキー|ブラウザ|プライバシー|パートナー|同意|ログイン|会員登録|無料登録|購読|有料会員|パスワード|続きを読む|ロボットではありません"
        r"|쿠키|브라우저|개인정보|파트너|동의|로그인|회원가입|구독|비밀번호|계속 읽|로봇이 아닙니다"
        r"|للمشتركين|المقالات المجانية|شهري|ملفات تعريف|البيانات الشخصية|شركاؤنا|خصوصيتك|الإعلانات|إعلانات|روبوت|حركة غير معتادة|ویژه مشترکان|ماهانه|داده‌?های|تبلیغات|سبسکرپشن|سبسکرائبرز|ماہانہ|اشتہارات|שותפ\w+|מידע אישי|פרסומות|למנויים"
        r"|ग्राहक|विज्ञापन|डिवाइस|साझेदार|লেখাটি|গ্রাহক|বিজ্ঞাপন|ডিভাইস|অংশীদার|专享|会员专享|付费|验证|频繁|滑块|端末|広告|会員限定|月額|유료회원|제휴|광고|기기|쿠키|전용"
        r"|ungewöhnlich viele Anfragen",
    ),
    "not_found": (
        r"404|(?:not|n[’']t)(?: be)? (?:found|exist)|no longer (?:exists?|available|here)|(?:is|are)(?: not|n[’']t) available|removed|deleted|moved|can[’']?t find|could(?: not|n[’']t) find|broken|mistyped|expired link"
        r"|nicht (?:gefunden|mehr|vorhanden|verfügbar)|existiert|gelöscht|entfernt|verschoben|introuvable|n[’']existe|plus disponible|supprimée?s?|renommée?|déplacée?|non trouvée"
        r"|no (?:encontrad[oa]|existe|se encuentra|encontramos|disponible|está disponible)|ya no|eliminad[oa]|cambiado de|não (?:encontrad[oa]|existe|foi|está)|removid[oa]|incorreto"
        r"|non (?:trovat[oa]|esiste|più|è)|rimoss[oa]|spostat[oa]|eliminat[oa]|niet (?:gevonden|meer|beschikbaar)|bestaat niet|verwijderd|verplaatst"
        r"|nie (?:została|istnieje|znaleziono|znaleźliśmy)|znalezion\w+|usunięt\w+|przeniesion\w+|niedostępn\w+|bulunam\w+|kaldır\w+|silin\w+|taşın\w+|mevcut değil"
        r"|не (?:найден\w*|существует|нашл\w+)|страницы нет|удал[её]н\w*|перемещ[её]н\w*|недоступн\w*|устарел\w*|не (?:знайден\w*|існує)|видален\w*|переміщен\w*"
        r"|tidak (?:ditemukan|tersedia)|dihapus|dipindah\w*|berubah|haupatikani|hai(?:patikani|po|kupatikana)|imeondolewa|imebadilika|imehamishwa",
        r"غير (?:موجود|متاح|متوفر)|لم (?:يتم العثور|نعثر)|حذف|نقل|إزالة|یافت نشد|پیدا نشد|حذف|وجود ندارد|در دسترس نیست|منتقل|לא (?:נמצא|קיי|זמין)|הוסר|נמחק|השתנת"
        r"|नहीं मिला|उपलब्ध नहीं|हटा|मौजूद नहीं|পাওয়া যায়নি|সরিয়ে|মুছে|دستیاب نہیں|نہیں مل|ہٹا|موجود نہیں|تبدیل|不存在|未找到|找不到|删除|刪除|下线|有误|見つかりません|存在しません|削除|移動|公開を終了|찾을 수 없|존재하지|삭제|변경",
    ),
    "parked": (
        r"domain(?: name)?|domaine|dominio|domínio|domein(?:naam)?|domen\w+|alan adı|домен\w*|kikoa|domeni|registrar|whois|\S{3,60}\.(?:com|org|net|info|example)"
        r"|for sale|available for purchase|(?:make|send) an? offer|buy|expired|park(?:ed|ing)|renew|escrow|à vendre|en vente|propriétaire|expiré|offre|verkauf\w*|kaufen|angebot|abgelaufen|erwerben"
        r"|en venta|a la venta|oferta|caducado|expirad[oa]|à venda|proposta|in vendita|scaduto|registrato|acquist\w+|te koop|verlopen|bod|eigenaar|sprzedaż\w*|wygas\w+|oferty?|kupi\w*"
        r"|satılık|satın|teklif|süresi|прода\w+|купить|припаркован\w*|владел\w+|ист[её]к\w*|придбати|власник\w*|dijual|beli|penawaran|kedaluwarsa|kinauzwa|inauzwa|linauzwa|kununua|ofa",
        r"النطاق|نطاق|الدومين|للبيع|شراء|عرض|دامنه|فروش|خرید|منقضی|דומיין|שם המתחם|למכירה|לרכוש|הצעת מחיר|डोमेन|बिक्री|खरीद|ডোমেইন|বিক্র|কিনতে|ڈومین|فروخت|خرید"
        r"|域名|出售|转让|轉讓|过期|停放|报价|ドメイン|販売|売り|期限切れ|購入|取得|도메인|판매|매각|구매|만료",
    ),
    "redirect": (
        r"redirect\w*|redirigid\w*|redirecionad\w*|redirection|reindirizz\w+|weitergeleitet|doorgestuurd|przekierow\w+|yönlendir\w+|перенаправ\w+|dialihkan|(?:cliquez|click|clique|klicken Sie|haga clic|klik|нажмите|натисніть) (?:aqui|here|ici|hier|aquí|сюда|тут|di sini)|automati\w+|moved|new address",
        r"إعادة التوجيه|تحويلك|تلقائيا|در حال انتقال|به طور خودکار|מעביר|跳转|自动|リダイレクト|自動的|이동하고|이동 중|자동으로",
    ),
    "error": (
        r"maintenance|scheduled|unavailable|be (?:right )?back|check back|javascript|wartung\w*|vorübergehend|indisponible|momentanément|mantenimiento|manutenção|manutenzione|torn[ai]\w* presto|onderhoud|terug|bereikbaar"
        r"|konserwac\w+|prace techniczne|przerw\w+ techniczn\w+|bakım\w*|техническ\w+ (?:работ\w*|перерыв\w*|причин\w*)|обслуживани\w+|технічн\w+ (?:роб\w+|обслугов\w+|причин\w*)|pemeliharaan|perawatan|matengenezo|baadaye|tunaboresha|hivi karibuni",
        r"صيانة|مؤقت|به‌?روز‌?رسانی|موقت|بازمی‌گردیم|تعمیرات|תחזוקה|זמנית|रखरखाव|अस्थायी|রক্ষণাবেক্ষণ|সাময়িক|কিছুক্ষণ|دیکھ بھال|مرمت|عارضی|维护|維護|メンテナンス|停止|점검|일시",
    ),
}
