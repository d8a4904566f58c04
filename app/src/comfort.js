(()=>{const h=document.documentElement,d=h.dataset,k=n=>"bdhv."+n,get=n=>{try{return localStorage.getItem(k(n))}catch{}},
set=(n,v)=>{try{localStorage.setItem(k(n),v)}catch{}},all=(s,f)=>document.querySelectorAll(s).forEach(f),
sizes=["1","1.25","1.5","2"],show=(n,v,of)=>{if(of.includes(v))d[n]=v;else if(n=="theme")delete d[n]},themes=["light","dark","contrast"];
show("size",get("size"),sizes);show("theme",get("theme"),themes);h.classList.add("js");
const l=get("lang");if(/^(vi|km|en)$/.test(l)&&l!=h.lang&&!/[?&]lang=/.test(location.search))location.replace("?lang="+l+location.hash);
const mark=()=>{all("[data-size-set]",b=>b.setAttribute("aria-pressed",b.dataset.sizeSet==d.size));
all("[data-theme-set]",b=>b.setAttribute("aria-pressed",b.dataset.themeSet==(d.theme||"")));
const p=getComputedStyle(h).getPropertyValue("--paper");all("meta[name=theme-color]",m=>m.content=p)};
addEventListener("DOMContentLoaded",mark);matchMedia("(prefers-color-scheme:dark)").addEventListener("change",mark);
addEventListener("click",e=>{const b=e.target.closest?.("[data-size-set],[data-size-step],[data-theme-set],[data-lang-set]");if(!b)return;
const{sizeSet:s,sizeStep:n,themeSet:t,langSet:g}=b.dataset;
if(g)return set("lang",g);if(t==null){d.size=s||sizes[(sizes.indexOf(d.size)+1)%4];set("size",d.size)}else{show("theme",t,themes);set("theme",t)}mark()})})()
