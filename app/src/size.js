(()=>{const h=document.documentElement,s=["1","1.25","1.5","2"],k="bdhv.size";let v;try{v=localStorage.getItem(k)}catch{}
const mark=()=>document.querySelectorAll("[data-size-set]").forEach(b=>b.setAttribute("aria-pressed",b.dataset.sizeSet===h.dataset.size));
if(s.includes(v))h.dataset.size=v;h.classList.add("js");addEventListener("DOMContentLoaded",mark);
addEventListener("click",e=>{const b=e.target.closest?.("[data-size-set],[data-size-step]");if(!b)return;
v=b.dataset.sizeSet||s[(s.indexOf(h.dataset.size)+1)%4];h.dataset.size=v;try{localStorage.setItem(k,v)}catch{}mark()})})()
