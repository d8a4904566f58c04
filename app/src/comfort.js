(()=>{const h=document.documentElement,d=h.dataset,s=()=>localStorage,
k=n=>{const l="bdhv.learner",w=sessionStorage.getItem(l)??s().getItem(l);return"bdhv."+(w>0?w+".":"")+n},
get=n=>{try{return s().getItem(k(n))}catch{}},set=(n,v)=>{try{s().setItem(k(n),v)}catch{}},
sizes=["1","1.25","1.5","2"],all=(q,f)=>document.querySelectorAll(q).forEach(f),
size=v=>d.size=sizes.includes(v)?v:"1",theme=v=>{if(/^(light|dark|contrast)$/.test(v))d.theme=v;else delete d.theme},
mark=()=>{all("[data-size-set]",b=>b.setAttribute("aria-pressed",b.dataset.sizeSet==d.size));
all("[data-theme-set]",b=>b.setAttribute("aria-pressed",b.dataset.themeSet==(d.theme||"")));
const p=getComputedStyle(h).getPropertyValue("--paper");all("meta[name=theme-color]",m=>m.content=p)},
load=()=>all("head template",t=>t.replaceWith(t.content)),
apply=()=>{size(get("size"));theme(get("theme"));const l=get("lang");
if(/^(vi|km|en)$/.test(l)&&l!=h.lang&&!/[?&]lang=/.test(location.search))location.replace("?lang="+l+location.hash)};
apply();h.classList.add("js");addEventListener("DOMContentLoaded",()=>{mark();requestAnimationFrame(()=>setTimeout(load));setTimeout(load,1e3)});
addEventListener("pageshow",e=>{if(e.persisted)fetch("/hub.json",{cache:"no-store",signal:AbortSignal.timeout?.(2e3)}).then(()=>location.reload(),()=>dispatchEvent(new Event("bdhv:back")))});
addEventListener("bdhv:learner",()=>{apply();mark()});
matchMedia("(prefers-color-scheme:dark)").addEventListener?.("change",mark);
addEventListener("click",e=>{const b=e.target.closest?.("[data-size-set],[data-size-step],[data-theme-set],[data-lang-set]");if(!b)return;
const{sizeSet:v,sizeStep:n,themeSet:t,langSet:g}=b.dataset;
if(g)return set("lang",g);if(t==null)set("size",size(v||sizes[(sizes.indexOf(d.size)+1)%4]));else{theme(t);set("theme",t)}mark()})})()
