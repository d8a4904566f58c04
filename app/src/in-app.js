(()=>{const f=s=>document.querySelector(".in-app "+s),field=f("input"),open=f("a"),said=f("[role=status]"),
here=()=>{field.value=location.href.split("#")[0];if(open)open.href=`intent://${location.host}${location.pathname}${location.search}#Intent;scheme=${location.protocol.slice(0,-1)};package=com.android.chrome;S.browser_fallback_url=${encodeURIComponent(field.value)};end`};
here();open?.addEventListener("click",here,true);
f("button").addEventListener("click",async()=>{here();field.focus();field.select();let done=false;
try{await navigator.clipboard.writeText(field.value);done=true}catch{try{done=document.execCommand("copy")}catch{}}
said.textContent=done?said.dataset.done:said.dataset.hold})})()
