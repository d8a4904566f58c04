(()=>{const h=document.documentElement,s=["1","1.25","1.5","2"],l="bdhv.learner";let v;
const key=()=>{const n=sessionStorage.getItem(l)??localStorage.getItem(l);return n>0?`bdhv.${n}.size`:"bdhv.size"};
const mark=()=>document.querySelectorAll("[data-size-set]").forEach(b=>b.setAttribute("aria-pressed",b.dataset.sizeSet===h.dataset.size));
const read=()=>{try{v=localStorage.getItem(key())}catch{}h.dataset.size=s.includes(v)?v:"1";mark()};
read();h.classList.add("js");addEventListener("DOMContentLoaded",mark);addEventListener("bdhv:learner",read);
addEventListener("click",e=>{const b=e.target.closest?.("[data-size-set],[data-size-step]");if(!b)return;
v=b.dataset.sizeSet||s[(s.indexOf(h.dataset.size)+1)%4];h.dataset.size=v;try{localStorage.setItem(key(),v)}catch{}mark()})})()
