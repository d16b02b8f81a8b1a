// Searches the portal without a server: each term has one small file, loaded when somebody asks for it.
// The files are scripts, because a page opened from a folder may load no data; they only call xinyongShard.
"use strict";
(() => {
  const SUBJECTS_PER_FILE = 64, MOST = 200, AT_ONCE = 8, WAIT = 20000;
  const CODE_SIZE = 18, ORGANISATION_SIZE = 9, NO_CODE = /^0{8}[0-9A-Z]{10}$/;
  const results = document.getElementById("results"), status = document.getElementById("status");
  const types = new Map(JSON.parse(results.dataset.types)), files = Number(results.dataset.files);
  const loading = new Map(), loaded = new Map();

  // These six say the same as portal_search.py.
  const normal = (text) => text.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");
  const pairs = (text) => {
    const signs = Array.from(text);
    return new Set(signs.slice(1).map((sign, at) => signs[at] + sign));
  };
  const terms = (text) => {
    if (/^[0-9A-Z]{18}$/.test(text)) return new Set([text.slice(8, 17)]);
    return pairs(text);
  };
  const hash = (text) => {
    let value = 2166136261;
    for (const sign of text) value = Math.imul(value ^ sign.codePointAt(0), 16777619) >>> 0;
    return value;
  };
  const bucket = (term) => {
    let whole = 1;
    while (2 * whole <= files) whole *= 2;
    const number = hash(term) % (2 * whole);
    return number < files ? number : number - whole;
  };
  const documentBucket = (text) => {
    const digits = text.replace(/[^0-9]/g, "");
    return digits ? digits.slice(-3) : "h" + (hash(text) % 256).toString(16).padStart(2, "0");
  };

  // A number is the same with 第 before it and without.
  const documentNumber = (text) => normal(text).replace(/第(?=[0-9])/g, "");

  // Numbers that end in two digits are in ten more buckets. In one digit: in a hundred, which is too many to ask for.
  const documentBuckets = (text) => {
    const name = documentBucket(text);
    return /^[0-9]{2}$/.test(name) ? [name, ...Array.from("0123456789", (digit) => digit + name)] : [name];
  };

  // What is typed of a code: where the nine signs of its organisation are among them, they can be found by.
  const isOfCode = (text) => /^(?=.*[0-9])[0-9A-Z]+$/.test(text);
  const organisations = (text) => {
    const places = text.length < CODE_SIZE ? Math.max(0, text.length - ORGANISATION_SIZE + 1) : 0;
    return Array.from({ length: places }, (_, at) => text.slice(at, at + ORGANISATION_SIZE));
  };

  window.xinyongShard = (path, content) => loaded.set(path, content);

  const shard = (path) => {
    if (!loading.has(path)) {
      loading.set(path, new Promise((resolve) => {
        const script = document.createElement("script");
        const end = () => { script.remove(); resolve(loaded.get(path)); };
        script.onload = end;
        script.onerror = end; // a term that nothing has has no file
        setTimeout(end, WAIT);
        script.src = `${path}?v=${results.dataset.version}`;
        document.head.append(script);
      }));
    }
    return loading.get(path);
  };

  const postings = async (term) => {
    const file = bucket(term);
    const found = (await shard(`search/terms/${Math.floor(file / 256)}/${file}.js`)) || {};
    const [count = 0, ...steps] = Object.hasOwn(found, term) ? found[term] : [];
    let number = 0;
    return { count, numbers: steps.map((step) => (number += step)) };
  };

  const subjectOf = async (number) => {
    const block = Math.floor(number / SUBJECTS_PER_FILE);
    const rows = (await shard(`search/subjects/${Math.floor(block / 256)}/${block}.js`)) || [];
    return rows.find((row) => row[0] === number);
  };

  // Numbers of subjects that have every term. A term in too many names lists only some of them: it cannot rule out.
  const candidates = async (asked) => {
    const lists = await Promise.all([...asked].map(postings));
    if (lists.some((list) => !list.count)) return { numbers: [], whole: true };
    lists.sort((one, other) => one.count - other.count);
    const exact = lists.filter((list) => list.count === list.numbers.length);
    const others = exact.slice(1).map((list) => new Set(list.numbers));
    const numbers = (exact[0] || lists[0]).numbers.filter((number) => others.every((set) => set.has(number)));
    return { numbers, whole: exact.length > 0 };
  };

  const fits = (row, words) => [...row[2], row[3]].some(
    (value) => words.every((word) => normal(value).includes(word)));

  const rank = (row, text) => {
    const name = normal(row[2][0] || "");
    return (name === text ? 0 : name.startsWith(text) ? 1 : 2) * 1000 + name.length;
  };

  const findSubjects = async (words) => {
    const text = words.join(""), asked = new Set(words.flatMap((word) => [...terms(word)]));
    if (!asked.size) return { rows: [], whole: true };
    let { numbers, whole } = await candidates(asked);
    if (!numbers.length && isOfCode(text)) {
      const found = await Promise.all([text, ...organisations(text)].map((term) => candidates(new Set([term]))));
      numbers = [...new Set(found.flatMap((one) => one.numbers))];
      whole = found.every((one) => one.whole);
    }
    const rows = [];
    let at = 0;
    for (; at < numbers.length && rows.length < MOST; at += MOST) {
      const some = await Promise.all(numbers.slice(at, at + MOST).map(subjectOf));
      rows.push(...some.filter((row) => row && fits(row, words)));
    }
    rows.sort((one, other) => rank(one, text) - rank(other, text));
    return { rows: rows.slice(0, MOST), whole: whole && at >= numbers.length && rows.length <= MOST };
  };

  // The first part says which others there are; a few are loaded side by side until enough is found.
  const findDocuments = async (typed) => {
    const text = documentNumber(typed), rows = [];
    const part = ([name, number]) => shard(`search/documents/${name[0]}/${name}.${number}.js`);
    const listed = async (name) => ((await part([name, 1])) || { parts: [] }).parts.map((number) => [name, number]);
    const parts = (await Promise.all(documentBuckets(text).map(listed))).flat();
    let at = 0;
    for (; at < parts.length && rows.length <= MOST; at += AT_ONCE) {
      const some = await Promise.all(parts.slice(at, at + AT_ONCE).map(part));
      const found = some.flatMap((file) => (file ? file.rows : []));
      rows.push(...found.filter((row) => documentNumber(row[1]).includes(text)));
    }
    return { rows: rows.slice(0, MOST), whole: at >= parts.length && rows.length <= MOST };
  };

  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const isolated = (text) => element("bdi", {}, text);

  const subjectItem = ([, id, names, code, counts]) => {
    const told = counts.map(([type, count]) => `${types.get(type) || type} ${count} 条`).join("，");
    const link = element("a", { href: `subject/${id.slice(0, 2)}/${id}.html` }, isolated(names[0]));
    const item = element("li", { className: "card" }, element("h3", {}, link));
    if (names.length > 1) item.append(element("p", {}, "其他名称：", isolated(names.slice(1).join("；"))));
    item.append(element("p", { className: "quiet" }, `${code || "统一社会信用代码未登记"}　${told}`));
    return item;
  };

  const documentItem = ([type, document_, decided, name, place]) => {
    const link = element("a", { href: place }, isolated(document_));
    const about = element("p", {}, isolated(name));
    const told = element("p", { className: "quiet" }, `${types.get(type) || type}　日期 ${decided || "—"}`);
    return element("li", { className: "card" }, element("h3", {}, link), about, told);
  };

  const section = (title, rows, item) => {
    if (!rows.length) return [];
    const list = element("ol", { className: "results" }, ...rows.map(item));
    return [element("section", {}, element("h2", {}, `${title}（${rows.length}）`), list)];
  };

  // What was not looked for must not be called missing.
  const sayNothing = (text) => {
    if (isOfCode(text) && [ORGANISATION_SIZE, CODE_SIZE].includes(text.length))
      return "没有找到公示中的信息：没有这一代码的主体。请核对输入；已过公示期或已撤下的信息不再显示。";
    if (isOfCode(text) && text.length > 3)
      return `没有找到。代码须输入完整：统一社会信用代码共18位（已输入${text.length}位），或者只输入其中第9至17位的` +
        "9位组织机构代码。检索文书请输入完整的文号，例如“〔2026〕12号”。";
    if (/[0-9]/.test(text))
      return "没有找到。检索文书请输入完整的文号，一直到末尾的序号，例如“〔2026〕12号”；" +
        "检索主体请输入企业名称中连续的两个以上汉字，或者18位统一社会信用代码。已过公示期或已撤下的信息不再显示。";
    return "没有找到名称中有这些字的主体。可以检索：企业名称中连续的两个以上汉字、18位统一社会信用代码、" +
      "完整的文号（例如“〔2026〕12号”，只输入其中的机关代字不能检索）。已过公示期或已撤下的信息不再显示。";
  };

  const say = (text, subjects, documents) => {
    const count = subjects.rows.length + documents.rows.length;
    if (!count && !subjects.whole) return "符合的主体太多，请输入更完整的名称、统一社会信用代码或文书号。";
    if (!count) return sayNothing(text);
    const partly = subjects.whole && documents.whole ? "" : "符合的较多，只显示一部分，请输入更完整的内容。";
    return `找到 ${subjects.rows.length} 个主体、${documents.rows.length} 份文书。${partly}`;
  };

  const search = async (query) => {
    const text = normal(query);
    if (Array.from(text).length < 2) {
      status.textContent = "请至少输入两个字、字母或数字。";
      return;
    }
    if (NO_CODE.test(text)) {
      status.textContent = "以八个零开头的代码表示没有登记统一社会信用代码，不能检索。请按名称检索。";
      return;
    }
    status.textContent = "正在检索……";
    results.setAttribute("aria-busy", "true");
    const words = query.split(/\s+/u).map(normal).filter(Boolean);
    let [subjects, documents] = await Promise.all([findSubjects([text]), findDocuments(text)]);
    if (!subjects.rows.length && !documents.rows.length && words.length > 1) subjects = await findSubjects(words);
    results.replaceChildren(
      ...section("主体", subjects.rows, subjectItem), ...section("文书", documents.rows, documentItem));
    results.setAttribute("aria-busy", "false");
    status.textContent = say(text, subjects, documents);
  };

  const query = new URLSearchParams(location.search).get("q");
  if (query !== null) {
    document.getElementById("q").value = query.slice(0, 200);
    document.title = `${query.slice(0, 40)} - ${document.title}`;
    search(query.slice(0, 200));
  }
})();
